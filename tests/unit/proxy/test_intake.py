from __future__ import annotations

import asyncio
import hashlib
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import pytest

from modmirror.errors import StorageFull
from modmirror.mod.zipscan import ScannedEntry
from modmirror.proxy.intake import BATCH_BYTES, Intake
from tests.fakes.zips import module_zip

if TYPE_CHECKING:
    from collections.abc import Iterator

ENTRY = ScannedEntry(b"x", 8, 0, bytes(32), 1, 2, 3, 4)


class Spool:
    """Bytes in memory; may be full, or slow until told to go on."""

    def __init__(self) -> None:
        self.data = bytearray()
        self.writes: list[int] = []
        self.full = False

    def write(self, data: bytes) -> None:
        if self.full:
            raise StorageFull("no space left")
        self.writes.append(len(data))
        self.data += data

    def read(self, offset: int, size: int) -> bytes:
        return bytes(self.data[offset : offset + size])

    def truncate(self) -> None:
        self.data.clear()

    def close(self) -> None:
        pass


@pytest.fixture
def pool() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(1) as made:
        yield made


async def test_everything_fed_is_written_hashed_and_reported(pool: ThreadPoolExecutor) -> None:
    spool, progress = Spool(), list[int]()
    intake = Intake(spool, pool, pool, progress.append)
    chunks = [bytes([n]) * 70_000 for n in range(50)]
    for chunk in chunks:
        await intake.feed(chunk)
    await intake.flush()
    whole = b"".join(chunks)
    assert bytes(spool.data) == whole
    assert intake.digest == hashlib.sha256(whole).hexdigest()
    assert (intake.received, progress[-1]) == (len(whole), len(whole))
    assert progress == sorted(progress)


async def test_the_first_chunk_does_not_wait_for_a_batch(pool: ThreadPoolExecutor) -> None:
    arrived = asyncio.Event()
    intake = Intake(Spool(), pool, pool, lambda _: arrived.set())
    await intake.feed(b"x")
    await asyncio.wait_for(arrived.wait(), 5)


async def test_unwritten_bytes_are_bounded(pool: ThreadPoolExecutor) -> None:
    spool = Spool()
    intake = Intake(spool, pool, pool, lambda _: None)
    for _ in range(200):
        await intake.feed(b"x" * 65_536)
        assert intake.received - len(spool.data) <= 2 * BATCH_BYTES + 65_536
    await intake.flush()


async def test_a_full_disk_reaches_the_sender(pool: ThreadPoolExecutor) -> None:
    spool = Spool()
    spool.full = True
    intake = Intake(spool, pool, pool, lambda _: None)
    await intake.feed(b"x")
    with pytest.raises(StorageFull):
        await intake.flush()
    with pytest.raises(StorageFull):
        await intake.feed(b"y")


async def test_a_restart_forgets_everything(pool: ThreadPoolExecutor) -> None:
    spool = Spool()
    intake = Intake(spool, pool, pool, lambda _: None)
    await intake.feed(b"wrong")
    await intake.restart()
    await intake.feed(b"right")
    await intake.flush()
    assert bytes(spool.data) == b"right"
    assert intake.digest == hashlib.sha256(b"right").hexdigest()
    assert intake.received == 5


async def test_entries_are_scanned_as_well(pool: ThreadPoolExecutor) -> None:
    data = module_zip()
    intake = Intake(Spool(), pool, pool, lambda _: None)
    await intake.feed(b"PK\x03\x04 something else")
    await intake.flush()
    await intake.restart()
    for at in range(0, len(data), 100):
        await intake.feed(data[at : at + 100])
    await intake.flush()
    assert len(await intake.scanned()) == 4


async def test_what_the_sender_hashed_itself_is_not_scanned(pool: ThreadPoolExecutor) -> None:
    data = module_zip()
    with ThreadPoolExecutor(1) as scanners:
        scanners.shutdown()  # nobody may ask it for anything
        intake = Intake(Spool(), pool, scanners, lambda _: None)
        intake.know({7: ENTRY})
        await intake.feed(data)
        await intake.flush()
        assert await intake.scanned() == {7: ENTRY}


async def test_all_is_scanned_when_somebody_else_goes_on(pool: ThreadPoolExecutor) -> None:
    data = module_zip()
    intake = Intake(Spool(), pool, pool, lambda _: None)
    intake.know({7: ENTRY})
    await intake.feed(data[:500])
    await intake.flush()
    intake.know(None)
    await intake.feed(data[500:])
    await intake.flush()
    scanned = await intake.scanned()
    assert len(scanned) == 4
    assert 7 not in scanned


async def test_a_restart_forgets_what_the_sender_said(pool: ThreadPoolExecutor) -> None:
    intake = Intake(Spool(), pool, pool, lambda _: None)
    intake.know({7: ENTRY})
    await intake.feed(b"wrong")
    await intake.restart()
    await intake.feed(module_zip())
    await intake.flush()
    assert len(await intake.scanned()) == 4


async def test_scans_hold_nothing_up(pool: ThreadPoolExecutor) -> None:
    with ThreadPoolExecutor(1) as scanners:
        held = threading.Event()
        scanners.submit(held.wait, 10)
        intake = Intake(Spool(), pool, scanners, lambda _: None)
        await intake.feed(module_zip())
        await intake.flush()
        held.set()
        assert len(await intake.scanned()) == 4


async def test_known_bytes_can_be_compared(pool: ThreadPoolExecutor) -> None:
    intake = Intake(Spool(), pool, pool, lambda _: None)
    await intake.feed(b"0123456789")
    await intake.flush()
    assert intake.matches(3, b"345")
    assert not intake.matches(3, b"354")
    assert not intake.matches(8, b"89x")
