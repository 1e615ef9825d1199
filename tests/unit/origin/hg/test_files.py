from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from modmirror.errors import UpstreamBadAnswer
from modmirror.origin.hg.files import only_file
from tests.fakes.tars import END, Entry

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterable

URL = "https://hg.example.com/x"


async def sent(pieces: Iterable[bytes]) -> AsyncIterator[bytes]:
    for piece in pieces:
        await asyncio.sleep(0)
        yield piece


async def read(*entries: Entry, path: str = "go.mod", limit: int = 100, piece: int = 700) -> bytes | None:
    data = b"".join(entry.bytes() for entry in entries) + END
    cut = (data[start : start + piece] for start in range(0, len(data), piece))
    return await only_file(URL, path, limit, sent(cut))


@pytest.mark.parametrize("piece", [1, 511, 513, 1 << 20])
async def test_the_content_comes_back_however_the_archive_is_cut(piece: int) -> None:
    assert await read(Entry(b"go.mod", b"module m\r\n"), piece=piece) == b"module m\r\n"


async def test_an_empty_file_is_not_a_missing_one() -> None:
    assert await read(Entry(b"go.mod")) == b""
    assert await read() is None


async def test_a_symlink_is_read_as_its_target() -> None:
    assert await read(Entry(b"go.mod", kind=b"2", link=b"../a/go.mod")) == b"../a/go.mod"


async def test_a_directory_is_no_file() -> None:
    assert await read(Entry(b"a/go.mod", b"x"), Entry(b"a/x.go", b"x"), path="a") is None


async def test_a_file_may_be_as_large_as_the_limit_and_no_larger() -> None:
    assert await read(Entry(b"go.mod", b"x" * 100)) == b"x" * 100
    with pytest.raises(UpstreamBadAnswer, match=r"go\.mod has 101 bytes, where 100 are allowed"):
        await read(Entry(b"go.mod", b"x" * 101))


async def test_a_size_is_refused_when_it_is_declared() -> None:
    async def head_only() -> AsyncIterator[bytes]:
        yield Entry(b"go.mod", size=b"77777777777\0").bytes()
        pytest.fail("more was read than the header")

    with pytest.raises(UpstreamBadAnswer, match="8589934591 bytes"):
        await only_file(URL, "go.mod", 100, head_only())


async def test_an_archive_that_is_cut_off_is_a_bad_answer() -> None:
    whole = Entry(b"go.mod", b"x" * 90).bytes()
    with pytest.raises(UpstreamBadAnswer):
        await only_file(URL, "go.mod", 100, sent([whole[:550]]))
