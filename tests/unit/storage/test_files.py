from __future__ import annotations

import asyncio
import errno
import gc
import os
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import pytest

from modmirror.errors import StorageBroken, StorageFull
from modmirror.storage.files import FileBlob, FileSpool, PageReader
from modmirror.storage.port import Blob
from tests.contract.storage_suite import ZIP
from tests.fakes.faulty_os import FaultyOs

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture
def executor() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(1) as executor:
        yield executor


def open_blob(path: Path, data: bytes, executor: ThreadPoolExecutor) -> FileBlob:
    path.write_bytes(data)
    return FileBlob(Blob(ZIP, len(data), "", 0.0), os.open(path, os.O_RDONLY), PageReader(), executor)


def open_descriptors() -> set[str]:
    return set(os.listdir("/proc/self/fd"))  # noqa: PTH208 - names are all we want


def test_bytes_read_at_once_do_not_share_the_buffer(tmp_path: Path, executor: ThreadPoolExecutor) -> None:
    opened = open_blob(tmp_path / "x", b"0123456789", executor)
    first = opened.read_now(0, 5)
    assert opened.read_now(5, 5) == b"56789"
    assert first == b"01234"
    opened.close()


def test_one_read_gives_at_most_a_buffer(tmp_path: Path, executor: ThreadPoolExecutor) -> None:
    opened = open_blob(tmp_path / "x", bytes(1 << 20), executor)
    assert len(opened.read_now(0, 1 << 20) or b"") == 256 * 1024
    opened.close()


def test_what_is_not_in_memory_is_not_waited_for(
    tmp_path: Path, executor: ThreadPoolExecutor, monkeypatch: pytest.MonkeyPatch
) -> None:
    def would_block(*_args: Any) -> int:
        raise BlockingIOError

    opened = open_blob(tmp_path / "x", b"abc", executor)
    monkeypatch.setattr(os, "preadv", would_block)
    assert opened.read_now(0, 3) is None
    opened.close()


def test_a_file_system_without_the_flag_is_asked_once(
    tmp_path: Path, executor: ThreadPoolExecutor, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = 0

    def refuse(*_args: Any) -> int:
        nonlocal asked
        asked += 1
        raise OSError(errno.EOPNOTSUPP, os.strerror(errno.EOPNOTSUPP))

    opened = open_blob(tmp_path / "x", b"abc", executor)
    monkeypatch.setattr(os, "preadv", refuse)
    assert [opened.read_now(0, 3), opened.read_now(1, 1)] == [b"abc", b"b"]
    assert asked == 1
    opened.close()


async def test_a_device_that_fails_is_storage_broken(
    tmp_path: Path, executor: ThreadPoolExecutor, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_args: Any) -> int:
        raise OSError(errno.EIO, os.strerror(errno.EIO))

    opened = open_blob(tmp_path / "x", b"abc", executor)
    monkeypatch.setattr(os, "preadv", fail)
    monkeypatch.setattr(os, "pread", fail)
    with pytest.raises(StorageBroken, match="Input/output"):
        opened.read_now(0, 3)
    with pytest.raises(StorageBroken, match="Input/output"):
        await opened.read(0, 3)
    opened.close()


async def test_a_file_cut_short_by_others_is_no_clean_end(
    tmp_path: Path, executor: ThreadPoolExecutor
) -> None:
    opened = open_blob(tmp_path / "x", b"0123456789", executor)
    os.truncate(tmp_path / "x", 4)
    assert opened.read_now(0, 10) == b"0123"
    assert opened.read_now(4, 6) is None
    with pytest.raises(StorageBroken, match="shorter"):
        await opened.read(4, 6)
    opened.close()


async def test_a_removed_file_stays_readable_until_closed(
    tmp_path: Path, executor: ThreadPoolExecutor
) -> None:
    opened = open_blob(tmp_path / "x", b"abc", executor)
    (tmp_path / "x").unlink()
    assert opened.read_now(0, 3) == b"abc"
    assert await opened.read(0, 3) == b"abc"
    opened.close()


def test_a_blob_gives_its_descriptor_back_once(tmp_path: Path, executor: ThreadPoolExecutor) -> None:
    before = open_descriptors()
    opened = open_blob(tmp_path / "x", b"abc", executor)
    opened.close()
    other = os.open(tmp_path / "x", os.O_RDONLY)
    opened.close()
    os.fstat(other)
    os.close(other)
    assert open_descriptors() == before


def test_a_spool_is_closed_by_its_last_reader(tmp_path: Path) -> None:
    before = open_descriptors()
    spool = FileSpool(tmp_path / "0", min_free_bytes=0)
    spool.write(b"abc")
    spool.close()
    assert not (tmp_path / "0").exists()
    reader = spool
    del spool
    assert reader.read(0, 3) == b"abc"
    del reader
    gc.collect()
    assert open_descriptors() == before


def test_a_spool_gives_only_what_was_written_completely(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    faults = FaultyOs(monkeypatch, ("pwrite",))
    spool = FileSpool(tmp_path / "0", min_free_bytes=0)
    spool.write(b"abc")
    faults.fail(1, errno.ENOSPC)
    with pytest.raises(StorageFull):
        spool.write(b"def")
    faults.heal()
    assert spool.read(0, 10) == b"abc"
    spool.write(b"DEF")
    assert spool.read(0, 10) == b"abcDEF"
    spool.close()


def test_a_spool_stops_before_the_device_is_full(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    spool = FileSpool(tmp_path / "0", min_free_bytes=1 << 60)
    for _ in range(15):
        spool.write(bytes(1 << 20))
    with pytest.raises(StorageFull, match="must keep"):
        spool.write(bytes(1 << 20))
    assert spool.size == 15 << 20
    spool.close()


async def test_reads_beside_writes_see_a_prefix(tmp_path: Path) -> None:
    spool = FileSpool(tmp_path / "0", min_free_bytes=0)

    def write() -> None:
        for number in range(200):
            spool.write(bytes([number]) * 1000)

    writer = asyncio.create_task(asyncio.to_thread(write))
    while not writer.done():
        seen = spool.read(0, 200_000)
        assert seen == b"".join(bytes([number]) * 1000 for number in range(len(seen) // 1000))
        await asyncio.sleep(0)
    await writer
    spool.close()
