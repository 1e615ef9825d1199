from __future__ import annotations

import asyncio

import pytest

from modmirror.errors import UpstreamUnavailable
from modmirror.proxy.flight import HELD_BACK_BYTES, Flight

SIZE = HELD_BACK_BYTES * 3


class FakeSpool:
    """Bytes in memory; knows whether it was closed."""

    def __init__(self) -> None:
        self.data = bytes(range(256)) * (SIZE // 256)
        self.closed = False

    def write(self, data: bytes) -> None:
        raise NotImplementedError

    def read(self, offset: int, size: int) -> bytes:
        assert not self.closed
        return self.data[offset : offset + size]

    def truncate(self) -> None:
        assert not self.closed
        self.data = b""

    def close(self) -> None:
        self.closed = True


@pytest.fixture
def spool() -> FakeSpool:
    return FakeSpool()


@pytest.fixture
def flight(spool: FakeSpool) -> Flight:
    return Flight(spool)


async def test_the_last_piece_is_held_back_until_verified(flight: Flight) -> None:
    flight.begin("up", SIZE)
    flight.advance(SIZE)
    assert flight.released == SIZE - HELD_BACK_BYTES
    flight.finish(SIZE, "digest", verified=True)
    assert flight.released == SIZE


async def test_bytes_before_the_last_piece_go_out_as_they_arrive(flight: Flight) -> None:
    flight.begin("up", SIZE)
    flight.advance(1000)
    assert flight.released == 1000


async def test_without_a_declared_length_any_byte_may_be_among_the_last(flight: Flight) -> None:
    flight.begin("up", None)
    flight.advance(HELD_BACK_BYTES)
    assert flight.released == 0
    flight.advance(HELD_BACK_BYTES + 10)
    assert flight.released == 10


async def test_a_small_file_is_not_begun_before_it_is_verified(flight: Flight) -> None:
    flight.begin("up", 1000)
    flight.advance(1000)
    waiting = asyncio.create_task(flight.begun())
    await asyncio.sleep(0)
    assert not waiting.done()
    flight.finish(1000, "digest", verified=True)
    await waiting


async def test_a_reader_gets_everything_in_order(flight: Flight, spool: FakeSpool) -> None:
    reader = flight.reader()
    flight.begin("up", SIZE)

    async def read_all() -> bytes:
        parts = []
        offset = 0
        while part := await reader.read(offset, 10_000):
            parts.append(part)
            offset += len(part)
        return b"".join(parts)

    reading = asyncio.create_task(read_all())
    for written in range(0, SIZE + 1, 4096):
        flight.advance(written)
        await asyncio.sleep(0)
    flight.finish(SIZE, "digest", verified=True)
    assert await reading == spool.data
    assert reader.length == SIZE


async def test_a_failed_fill_cuts_readers_off_wherever_they_are(flight: Flight) -> None:
    reader = flight.reader()
    flight.begin("up", SIZE)
    flight.advance(100)
    assert len(await reader.read(0, 50)) == 50
    waiting = asyncio.create_task(reader.read(100, 10))
    await asyncio.sleep(0)
    flight.fail(UpstreamUnavailable("up", "gone"))
    with pytest.raises(UpstreamUnavailable):
        await reader.read(50, 50)
    with pytest.raises(UpstreamUnavailable):
        await waiting


async def test_what_goes_wrong_after_verification_cuts_nobody_off(flight: Flight, spool: FakeSpool) -> None:
    reader = flight.reader()
    flight.begin("up", SIZE)
    flight.finish(SIZE, "digest", verified=True)
    flight.fail(UpstreamUnavailable("up", "too late"))
    flight.settle()
    assert await reader.read(0, SIZE) == spool.data
    assert await reader.read(SIZE, 10) == b""


async def test_a_failed_fill_gives_its_room_back_with_the_last_reader(
    flight: Flight, spool: FakeSpool
) -> None:
    reader = flight.reader()
    flight.fail(UpstreamUnavailable("up", "gone"))
    flight.settle()
    assert spool.data
    reader.close()
    assert spool.data == b""
    assert spool.closed


async def test_the_spool_goes_with_the_last_reader(flight: Flight, spool: FakeSpool) -> None:
    one, two = flight.reader(), flight.reader()
    flight.finish(SIZE, "digest", verified=True)
    flight.settle()
    one.close()
    one.close()
    assert not spool.closed
    two.close()
    assert spool.closed


async def test_the_spool_stays_while_the_fill_needs_it(flight: Flight, spool: FakeSpool) -> None:
    reader = flight.reader()
    reader.close()
    assert not spool.closed
    flight.settle()
    assert spool.closed


async def test_landed_waits_for_the_store(flight: Flight) -> None:
    waiting = asyncio.create_task(flight.landed())
    flight.finish(10, "digest", verified=True)
    await asyncio.sleep(0)
    assert not waiting.done()
    flight.settle()
    await waiting


async def test_landed_raises_what_went_wrong(flight: Flight) -> None:
    flight.fail(UpstreamUnavailable("up", "gone"))
    flight.settle()
    with pytest.raises(UpstreamUnavailable):
        await flight.landed()
