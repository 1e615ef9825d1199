from __future__ import annotations

import gzip
from typing import TYPE_CHECKING

import pytest

from modmirror.errors import StorageBroken, UpstreamTimeout
from modmirror.proxy.served import CacheState, Served
from modmirror.server import content
from modmirror.server.content import Contents
from modmirror.server.memory import AnswerMemory, Subject
from modmirror.server.openfiles import OpenFiles
from modmirror.server.settings import MemorySettings
from tests.fakes.answers import (
    INFO,
    LIST,
    MOD,
    ZIP,
    BytesBlob,
    FileBlob,
    ScriptedGrowing,
    growing_zip,
    info,
    mod,
    sha256,
    stored_zip,
    versions,
)
from tests.fakes.exchanges import RecordingExchange

if TYPE_CHECKING:
    from pathlib import Path

LARGE = bytes(range(256)) * 400
VERSIONS = b"v1.0.0\n" * 300


class World:
    def __init__(self) -> None:
        self.memory = AnswerMemory(MemorySettings())
        self.files = OpenFiles()
        self.contents = Contents(self.memory, self.files)

    async def send(
        self, path: str, served: Served, method: str = "GET", kind: str = "zip", **headers: str
    ) -> RecordingExchange:
        exchange = RecordingExchange(path, method, **headers)
        await self.contents.send(exchange, Subject(kind, "example.com/m", "v1.0.0"), served)
        return exchange


@pytest.fixture
def world() -> World:
    return World()


async def test_a_small_answer_that_never_changes_is_kept_as_a_hit(world: World) -> None:
    sent = await world.send(INFO, info(), kind="info")
    assert (sent.status, sent.answer_headers["x-modmirror-cache"]) == (200, "miss")
    kept = world.memory.get(INFO.encode())
    assert kept is not None
    assert (kept.cache, kept.plain.body) == (CacheState.HIT, sent.body)
    assert dict(kept.plain.headers.pairs)[b"x-modmirror-cache"] == b"hit"


async def test_an_answer_that_may_change_is_not_kept(world: World) -> None:
    await world.send(LIST, versions(), kind="list")
    assert world.memory.get(LIST.encode()) is None


async def test_a_digest_that_is_not_given_is_made(world: World) -> None:
    sent = await world.send(LIST, versions(VERSIONS), kind="list")
    assert sent.answer_headers["etag"] == f'"{sha256(VERSIONS)}"'


async def test_a_small_stored_file_becomes_an_answer_in_memory(world: World) -> None:
    blob = BytesBlob(b"tiny zip")
    sent = await world.send(ZIP, stored_zip(blob))
    assert sent.body == b"tiny zip"
    assert sent.answer_headers["last-modified"] == "Sun, 13 Sep 2020 12:26:40 GMT"
    assert world.memory.get(ZIP.encode()) is not None
    assert blob.closed == 1


async def test_a_small_file_that_must_be_waited_for_is_read_to_its_end(world: World) -> None:
    blob = BytesBlob(b"tiny zip", cold=True)
    assert (await world.send(ZIP, stored_zip(blob))).body == b"tiny zip"
    assert blob.waited


async def test_a_small_file_that_ends_early_is_a_broken_store(world: World) -> None:
    blob = BytesBlob(b"tiny", size=9)
    with pytest.raises(StorageBroken):
        await world.send(ZIP, stored_zip(blob))
    assert blob.closed == 1
    assert world.memory.get(ZIP.encode()) is None


async def test_a_large_file_stays_open_for_the_next_one(world: World, tmp_path: Path) -> None:
    blob = FileBlob(tmp_path / "zip", LARGE)
    assert (await world.send(ZIP, stored_zip(blob))).body == LARGE
    kept = world.files.get(ZIP.encode())
    assert kept is not None
    assert blob.closed == 0
    assert dict(kept.headers.pairs)[b"content-length"] == b"%d" % len(LARGE)
    world.files.close()
    assert blob.closed == 1


async def test_a_large_file_without_a_descriptor_is_closed(world: World) -> None:
    blob = BytesBlob(LARGE)
    assert (await world.send(ZIP, stored_zip(blob))).body == LARGE
    assert world.files.get(ZIP.encode()) is None
    assert blob.closed == 1


async def test_mods_and_lists_are_compressed_from_a_kilobyte_on(world: World) -> None:
    short, long = b"module m\n", b"module m\n" * 200
    small = await world.send(MOD, mod(short), kind="mod", accept_encoding="gzip")
    assert "content-encoding" not in small.answer_headers
    large = await world.send(MOD, mod(long), kind="mod", accept_encoding="gzip")
    assert large.answer_headers["content-encoding"] == "gzip"
    assert gzip.decompress(large.body) == long
    listed = await world.send(LIST, versions(VERSIONS), kind="list", accept_encoding="gzip")
    assert gzip.decompress(listed.body) == VERSIONS


async def test_the_kept_mod_has_both_encodings_whoever_asked_first(world: World) -> None:
    long = b"module m\n" * 200
    plain = await world.send(MOD, mod(long), kind="mod")
    assert plain.body == long
    kept = world.memory.get(MOD.encode())
    assert kept is not None
    assert kept.gzipped is not None


async def test_a_list_is_not_compressed_for_those_who_do_not_want_it(world: World) -> None:
    await world.send(LIST, versions(VERSIONS), kind="list")
    assert world.memory.compressed(sha256(VERSIONS)) is None


async def test_a_list_is_compressed_once_as_long_as_it_stays_the_same(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    await world.send(LIST, versions(VERSIONS), kind="list", accept_encoding="gzip")
    monkeypatch.setattr(content, "compress", None)
    again = await world.send(LIST, versions(VERSIONS), kind="list", accept_encoding="gzip")
    assert gzip.decompress(again.body) == VERSIONS


async def test_a_long_list_is_compressed_beside_the_event_loop(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(content, "GZIP_INLINE_BYTES", 100)
    sent = await world.send(LIST, versions(VERSIONS), kind="list", accept_encoding="gzip")
    assert gzip.decompress(sent.body) == VERSIONS


async def test_a_current_copy_costs_no_body(world: World, tmp_path: Path) -> None:
    etag = f'"{sha256(LARGE)}"'
    for served in (stored_zip(FileBlob(tmp_path / "zip", LARGE)), stored_zip(BytesBlob(b"s"))):
        tag = etag if served.digest in etag else f'"{served.digest}"'
        sent = await world.send(ZIP, served, if_none_match=tag)
        assert (sent.status, sent.body) == (304, b"")
        assert sent.answer_headers["cache-control"]


async def test_a_part_of_a_large_file(world: World) -> None:
    sent = await world.send(ZIP, stored_zip(BytesBlob(LARGE)), range="bytes=10-19")
    assert (sent.status, sent.body) == (206, LARGE[10:20])
    assert sent.answer_headers["content-range"] == f"bytes 10-19/{len(LARGE)}"
    assert sent.answer_headers["content-length"] == "10"


async def test_a_part_of_a_small_file_and_nothing_is_remembered_of_it(world: World) -> None:
    sent = await world.send(ZIP, stored_zip(BytesBlob(b"0123456789")), range="bytes=-3")
    assert (sent.status, sent.body) == (206, b"789")
    assert world.memory.get(ZIP.encode()) is None


async def test_a_part_that_is_not_there_is_416_with_the_size(world: World) -> None:
    sent = await world.send(ZIP, stored_zip(BytesBlob(b"0123456789")), range="bytes=10-")
    assert (sent.status, sent.answer_headers["content-range"]) == (416, "bytes */10")


async def test_head_ignores_ranges(world: World) -> None:
    sent = await world.send(ZIP, stored_zip(BytesBlob(LARGE)), "HEAD", range="bytes=10-19")
    assert (sent.status, sent.body) == (200, b"")
    assert sent.answer_headers["content-length"] == str(len(LARGE))


async def test_an_empty_file_is_an_empty_answer(world: World) -> None:
    sent = await world.send(ZIP, stored_zip(BytesBlob(b"")), range="bytes=0-")
    assert sent.status == 416
    sent = await world.send(ZIP, stored_zip(BytesBlob(b"")))
    assert (sent.status, sent.body, sent.answer_headers["content-length"]) == (200, b"", "0")


@pytest.mark.parametrize("length", [len(LARGE), None])
async def test_a_growing_file_is_sent_as_it_arrives(world: World, length: int | None) -> None:
    growing = ScriptedGrowing(length, LARGE)
    sent = await world.send(ZIP, growing_zip(growing))
    assert sent.body == LARGE
    assert ("content-length" in sent.answer_headers) is (length is not None)
    assert growing.closed == 1


async def test_a_growing_file_whose_digest_is_known_can_be_current(world: World) -> None:
    served = Served(
        ScriptedGrowing(5, b"12345"), "application/zip", CacheState.MISS, digest="d", immutable=True
    )
    assert (await world.send(ZIP, served, if_none_match='"d"')).status == 304


async def test_head_of_a_growing_file_has_no_body(world: World) -> None:
    sent = await world.send(ZIP, growing_zip(ScriptedGrowing(5, b"12345")), "HEAD")
    assert (sent.status, sent.body, sent.answer_headers["content-length"]) == (200, b"", "5")


async def test_a_growing_file_that_fails_at_once_leaves_the_answer_unbegun(world: World) -> None:
    growing = ScriptedGrowing(5, error=UpstreamTimeout("up", "slow"))
    exchange = RecordingExchange(ZIP)
    with pytest.raises(UpstreamTimeout):
        await world.contents.send(exchange, Subject("zip"), growing_zip(growing))
    assert exchange.status == 0
    assert growing.closed == 1


@pytest.mark.parametrize("length", [3, 9])
async def test_a_growing_file_of_another_length_than_promised_is_broken_off(
    world: World, length: int
) -> None:
    growing = ScriptedGrowing(length, b"12345")
    with pytest.raises(StorageBroken):
        await world.send(ZIP, growing_zip(growing))
    assert growing.closed == 1
