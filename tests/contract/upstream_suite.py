"""What every upstream must do, whatever it is. Subclass `UpstreamSuite` and give it a `place` fixture."""

from __future__ import annotations

import asyncio
import hashlib
import random
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest

from modmirror.errors import InvalidTarget

if TYPE_CHECKING:
    from collections.abc import Callable

    from modmirror.upstream.port import Reply, Upstream

PATH = "example.com/m/@v/v1.0.0.zip"
CONTENT = bytes(range(256)) * 40


@dataclass(frozen=True, slots=True)
class Place:
    """An upstream under test, and the way to put files behind it."""

    upstream: Upstream
    put: Callable[[str, bytes], None]


async def whole(reply: Reply) -> bytes:
    """Read a body to its end."""
    return b"".join([chunk async for chunk in reply.body])


async def fetch(
    upstream: Upstream, path: str, *, offset: int = 0, if_range: str = ""
) -> tuple[Reply, bytes]:
    """GET and read to the end."""
    async with upstream.get(path, offset=offset, if_range=if_range) as reply:
        return reply, await whole(reply)


class UpstreamSuite:
    """The contract of `modmirror.upstream.port.Upstream`."""

    @pytest.fixture
    def place(self) -> Place:
        raise NotImplementedError

    async def test_a_file_arrives_whole_with_its_length(self, place: Place) -> None:
        place.put(PATH, CONTENT)
        reply, body = await fetch(place.upstream, PATH)
        assert (reply.status, reply.start, reply.length, reply.total) == (
            200,
            0,
            len(CONTENT),
            len(CONTENT),
        )
        assert body == CONTENT

    async def test_a_large_file_arrives_unchanged_in_pieces_that_are_never_empty(
        self, place: Place
    ) -> None:
        content = random.Random(1).randbytes(5 << 20)
        place.put(PATH, content)
        digest, sizes = hashlib.sha256(), []
        async with place.upstream.get(PATH) as reply:
            async for chunk in reply.body:
                assert isinstance(chunk, bytes)
                digest.update(chunk)
                sizes.append(len(chunk))
        assert digest.digest() == hashlib.sha256(content).digest()
        assert len(sizes) > 1
        assert min(sizes) > 0

    async def test_an_empty_file_is_a_file(self, place: Place) -> None:
        place.put("sumdb/sum.example/supported", b"")
        reply, body = await fetch(place.upstream, "sumdb/sum.example/supported")
        assert (reply.status, reply.length, body) == (200, 0, b"")

    async def test_an_absent_file_is_a_404_and_no_error(self, place: Place) -> None:
        reply, _ = await fetch(place.upstream, "example.com/absent/@v/list")
        assert reply.status == 404

    @pytest.mark.parametrize(
        "path",
        [
            "github.com/!azure/x/@v/v1.0.0-!r!c1.info",
            "example.com/m/@v/v2.0.0+incompatible.mod",
            "example.com/m~x/@v/a branch $&=:.info",
            "example.com/m/@v/100%25.info",
            "sumdb/sum.example/lookup/github.com/!azure/x@v1.0.0+incompatible",
            "sumdb/sum.example/tile/8/0/x001/067.p/5",
            "lookup/github.com/!azure/x@v1.0.0",
        ],
    )
    async def test_every_kind_of_escaped_path_arrives_as_it_is(self, place: Place, path: str) -> None:
        place.put(path, path.encode())
        reply, body = await fetch(place.upstream, path)
        assert (reply.status, body) == (200, path.encode())

    async def test_the_rest_of_a_file_begins_at_the_offset(self, place: Place) -> None:
        place.put(PATH, CONTENT)
        reply, body = await fetch(place.upstream, PATH, offset=1000)
        assert (reply.status, reply.start, reply.total) == (206, 1000, len(CONTENT))
        assert reply.length == len(CONTENT) - 1000
        assert body == CONTENT[1000:]

    async def test_the_rest_of_the_same_file_is_guarded_by_its_etag(self, place: Place) -> None:
        place.put(PATH, CONTENT)
        first, _ = await fetch(place.upstream, PATH)
        assert first.etag
        same, body = await fetch(place.upstream, PATH, offset=10, if_range=first.etag)
        assert (same.status, body) == (206, CONTENT[10:])
        other, body = await fetch(place.upstream, PATH, offset=10, if_range='"another"')
        assert (other.status, other.start, body) == (200, 0, CONTENT)

    async def test_an_offset_beyond_the_end_is_a_416(self, place: Place) -> None:
        place.put(PATH, CONTENT)
        reply, _ = await fetch(place.upstream, PATH, offset=len(CONTENT))
        assert reply.status == 416

    async def test_leaving_early_costs_nothing_but_that_answer(self, place: Place) -> None:
        place.put(PATH, CONTENT * 1000)
        async with place.upstream.get(PATH) as reply:
            assert await anext(aiter(reply.body))
        async with place.upstream.get(PATH) as reply:
            assert reply.status == 200
        _, body = await fetch(place.upstream, PATH)
        assert len(body) == len(CONTENT) * 1000

    async def test_an_error_of_whoever_reads_is_not_translated(self, place: Place) -> None:
        place.put(PATH, CONTENT)
        with pytest.raises(KeyError):
            async with place.upstream.get(PATH):
                raise KeyError("mine")

    async def test_many_requests_at_once_do_not_mix(self, place: Place) -> None:
        paths = [f"example.com/m/@v/v1.{minor}.0.mod" for minor in range(40)]
        for path in paths:
            place.put(path, path.encode() * 500)
        answers = await asyncio.gather(*[fetch(place.upstream, path) for path in paths])
        assert [body for _, body in answers] == [path.encode() * 500 for path in paths]

    @pytest.mark.parametrize(
        "path",
        ["../x", "a/../../x", "a//b", "/etc/passwd", "a/./b", "", "a\0b", "a\r\nX: y", "..\\x", "a/.."],
    )
    async def test_a_path_that_could_leave_the_base_is_never_asked(self, place: Place, path: str) -> None:
        with pytest.raises(InvalidTarget):
            async with place.upstream.get(path):
                pass

    async def test_the_type_of_an_info_is_said(self, place: Place) -> None:
        place.put("example.com/m/@v/list", b"v1.0.0\n")
        reply, _ = await fetch(place.upstream, "example.com/m/@v/list")
        assert reply.content_type.startswith("text/plain")

    async def test_closing_twice_is_safe(self, place: Place) -> None:
        await place.upstream.close()
        await place.upstream.close()
