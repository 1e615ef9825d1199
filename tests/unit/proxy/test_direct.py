from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from modmirror.errors import Denied, NotExist
from modmirror.mod.path import check_path
from modmirror.proxy.direct import PIECE_BYTES, DirectUpstream
from tests.fakes.goimport_server import tag
from tests.fakes.model_origin import ModelOrigin
from tests.fakes.script import ScriptedUpstream

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from modmirror.upstream.port import Upstream

M = "a.test/m"


class OneRoot:
    """Opens one GOPROXY, and remembers for which URL."""

    def __init__(self, upstream: Upstream | None = None) -> None:
        self.upstream = upstream
        self.asked: list[tuple[str, bool]] = []
        self.closed = False

    async def open(self, url: str, *, insecure: bool) -> Upstream:
        self.asked.append((url, insecure))
        if self.upstream is None:
            raise Denied(f"{url} is in a network that is not allowed")
        return self.upstream

    async def close(self) -> None:
        self.closed = True


@pytest.fixture
async def origin(tmp_path: Path) -> AsyncIterator[ModelOrigin]:
    async with ModelOrigin.at(tmp_path) as origin:
        repository = origin.repository(M)
        repository.tag(repository.add({"go.mod": f"module {M}\n"}), "v1.0.0", "v1.1.0")
        yield origin


async def get(origin: ModelOrigin, path: str, roots: OneRoot | None = None) -> bytes:
    upstream = DirectUpstream(origin.modules(), roots or OneRoot(), origin.pool)
    async with upstream.get(path) as reply:
        body = b"".join([piece async for piece in reply.body])
        assert reply.status == 200
        assert reply.length == reply.total == len(body)
        return body


async def test_the_list_is_one_version_a_line(origin: ModelOrigin) -> None:
    assert await get(origin, f"{M}/@v/list") == b"v1.0.0\nv1.1.0\n"


async def test_a_module_without_versions_has_an_empty_list(origin: ModelOrigin) -> None:
    origin.repository("a.test/none").add({"go.mod": "module a.test/none\n"})
    assert await get(origin, "a.test/none/@v/list") == b""


@pytest.mark.parametrize("path", ["@latest", "@v/v1.1.0.info", "@v/main.info"])
async def test_latest_versions_and_branches_are_info(origin: ModelOrigin, path: str) -> None:
    assert json.loads(await get(origin, f"{M}/{path}"))["Version"] == "v1.1.0"


async def test_go_mod_is_as_stored(origin: ModelOrigin) -> None:
    assert await get(origin, f"{M}/@v/v1.0.0.mod") == f"module {M}\n".encode()


async def test_a_zip_comes_whole_in_pieces(origin: ModelOrigin) -> None:
    repository = origin.repository("a.test/big")
    noise = b"".join(number.to_bytes(4, "big") * 3 + bytes([number % 251]) for number in range(200_000))
    repository.tag(repository.add({"go.mod": "module a.test/big\n", "x": noise}), "v1.0.0")
    modules = origin.modules()
    async with DirectUpstream(modules, OneRoot(), origin.pool).get("a.test/big/@v/v1.0.0.zip") as reply:
        pieces = [piece async for piece in reply.body]
    async with modules.zip(check_path("a.test/big"), "v1.0.0") as made:
        assert b"".join(pieces) == made.read(0, made.size)
        assert reply.scanned == made.scanned
        assert len(made.scanned) == 2
    assert len(pieces) > 1
    assert {len(piece) for piece in pieces[:-1]} == {PIECE_BYTES}


async def test_an_offset_gets_the_whole_file(origin: ModelOrigin) -> None:
    upstream = DirectUpstream(origin.modules(), OneRoot(), origin.pool)
    async with upstream.get(f"{M}/@v/v1.0.0.mod", offset=3, if_range='"x"') as reply:
        assert (reply.status, reply.start) == (200, 0)


async def test_absence_keeps_its_reason(origin: ModelOrigin) -> None:
    with pytest.raises(NotExist, match="unknown revision v9.0.0"):
        await get(origin, f"{M}/@v/v9.0.0.info")


async def test_another_goproxy_is_asked_for_the_same_path(origin: ModelOrigin) -> None:
    origin.server.page("a.test/p", tag("a.test/p mod https://proxy.test/go"))
    there = ScriptedUpstream("https://proxy.test/go")
    there.say("a.test/p/@v/list", b"v7.0.0\n")
    roots = OneRoot(there)
    assert await get(origin, "a.test/p/@v/list", roots) == b"v7.0.0\n"
    assert roots.asked == [("https://proxy.test/go", False)]


async def test_a_goproxy_that_may_not_be_asked_is_denied(origin: ModelOrigin) -> None:
    origin.server.page("a.test/p", tag("a.test/p mod https://10.0.0.1"))
    with pytest.raises(Denied):
        await get(origin, "a.test/p/@v/list")


async def test_closing_leaves_it_usable(origin: ModelOrigin) -> None:
    upstream = DirectUpstream(origin.modules(), OneRoot(), origin.pool)
    await upstream.close()
    async with upstream.get(f"{M}/@v/list") as reply:
        assert reply.status == 200


@pytest.mark.parametrize("path", ["@latest", "@v/list", "@v/main.info"])
async def test_an_answer_is_as_old_as_the_names_that_it_follows_from(
    origin: ModelOrigin, path: str
) -> None:
    (repository,) = origin.by_url.values()
    repository.age = 42.0
    upstream = DirectUpstream(origin.modules(), OneRoot(), origin.pool)
    async with upstream.get(f"{M}/{path}") as reply:
        assert reply.age == 42.0


async def test_the_roots_are_closed_with_it(origin: ModelOrigin) -> None:
    roots = OneRoot()
    await DirectUpstream(origin.modules(), roots, origin.pool).close()
    assert roots.closed
