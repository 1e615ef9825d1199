from __future__ import annotations

import asyncio
from random import Random
from typing import TYPE_CHECKING

import pytest

from modmirror.lab.net.pipe import READ_BYTES, Pipe
from modmirror.lab.net.profile import NetProfile
from modmirror.lab.net.toxics import Bucket, Toxic, toxics_of, under_way
from tests.fakes.virtual_time import in_virtual_time

if TYPE_CHECKING:
    from modmirror.lab.net.toxics import Stream


class Rules:
    """Toxics of a test, and a line that can be cut."""

    def __init__(self, *toxics: Toxic) -> None:
        self.toxics = toxics
        self.event = asyncio.Event()
        self.open = asyncio.Event()
        self.open.set()
        self.counted = 0
        self.closed = False
        self.shared = Bucket()

    def active(self, stream: Stream) -> tuple[Toxic, ...]:
        return tuple(toxic for toxic in self.toxics if toxic.stream == stream)

    def changed(self) -> asyncio.Event:
        return self.event

    async def passable(self) -> None:
        await self.open.wait()

    def bucket(self, stream: Stream) -> Bucket:
        return self.shared

    def count(self, stream: Stream, size: int) -> None:
        self.counted += size

    def close(self) -> None:
        self.closed = True


class Sink:
    """A writer that keeps what it gets."""

    def __init__(self) -> None:
        self.got = bytearray()
        self.ended = False
        self.times: list[float] = []
        """Instant of each write."""
        self.room = asyncio.Event()
        self.room.set()

    def write(self, data: bytes) -> None:
        self.got += data
        self.times.append(asyncio.get_running_loop().time())

    async def drain(self) -> None:
        await self.room.wait()

    def can_write_eof(self) -> bool:
        return True

    def write_eof(self) -> None:
        self.ended = True


def piped(rules: Rules, data: bytes, *, end: bool = True) -> tuple[Pipe, Sink, asyncio.StreamReader]:
    reader, sink = asyncio.StreamReader(), Sink()
    reader.feed_data(data)
    if end:
        reader.feed_eof()
    pipe = Pipe("downstream", rules, Random(1), reader, sink)  # type: ignore[arg-type]  # a writer's part
    return pipe, sink, reader


async def test_bytes_and_the_end_come_out_as_they_went_in() -> None:
    rules = Rules(Toxic("u", "timeout", "upstream"))
    pipe, sink, _ = piped(rules, b"hello" * 50_000)
    await pipe.run()
    assert (bytes(sink.got), sink.ended, rules.counted) == (b"hello" * 50_000, True, 250_000)


async def test_swallowed_bytes_never_come_out() -> None:
    pipe, sink, _ = piped(Rules(Toxic("t", "timeout")), b"hello")
    await pipe.run()
    assert sink.got == b""


async def test_jitter_never_changes_the_order() -> None:
    rules = Rules(Toxic("l", "latency", "downstream", 1.0, {"latency": 5.0, "jitter": 5.0}))
    data = bytes(range(256)) * 1000
    pipe, sink, _ = piped(rules, data)
    await pipe.run()
    assert sink.got == data


async def test_a_cut_line_holds_everything_and_memory_stays_bounded() -> None:
    rules = Rules()
    rules.open.clear()
    size = under_way(()) * 3
    pipe, sink, reader = piped(rules, b"x" * size)
    running = asyncio.create_task(pipe.run())
    while pipe._less.is_set() or pipe._held < under_way(()) - READ_BYTES:
        await asyncio.sleep(0)
    assert sink.got == b""
    assert len(reader._buffer) >= size - under_way(()) - READ_BYTES  # type: ignore[attr-defined]  # not taken
    rules.open.set()
    await asyncio.wait_for(running, 20)
    assert len(sink.got) == size


async def test_a_limit_counts_over_all_chunks_and_ends_the_connection() -> None:
    rules = Rules(Toxic("d", "limit_data", "downstream", 1.0, {"bytes": 20_000.0}))
    pipe, sink, _ = piped(rules, b"x" * 50_000)
    await pipe.run()
    assert len(sink.got) == 20_000
    assert rules.closed


@pytest.mark.parametrize("rtt", [20.0, 150.0])
@pytest.mark.parametrize("rate", [10.0, 50.0, 100.0, 200.0])
def test_a_line_carries_its_rate_whatever_its_delay(rtt: float, rate: float) -> None:
    size = int(rate * 125_000)

    async def carry() -> tuple[float, list[float], int]:
        rules = Rules(*toxics_of(NetProfile(rtt_ms=rtt, rate_down=rate)))
        pipe, sink, _ = piped(rules, bytes(size))
        begun, most = asyncio.get_running_loop().time(), 0
        running = asyncio.create_task(pipe.run())
        while not running.done():
            await asyncio.sleep(0.01)
            most = max(most, pipe._held)
        assert len(sink.got) == size
        return begun, sink.times, most

    begun, times, most = in_virtual_time(carry())
    # The first piece needs its own time on the line too; the loop is at most a grain early.
    assert rtt / 2000 <= times[0] - begun <= rtt / 2000 + 0.015
    assert times[-1] - begun == pytest.approx(1 + rtt / 2000, abs=0.002)
    # Nothing is held but what is under way.
    assert most <= rate * 125_000 * (rtt / 2000 + 0.01) + 2 * READ_BYTES


def test_small_answers_of_other_connections_cost_a_download_no_more_than_their_bytes() -> None:
    async def carry() -> tuple[float, list[float]]:
        rules = Rules(*toxics_of(NetProfile(rtt_ms=150, rate_down=50)))
        bulk, _, _ = piped(rules, bytes(6_250_000))
        ping, pinged, answers = piped(rules, b"", end=False)
        loop = asyncio.get_running_loop()
        begun, asked = loop.time(), []
        pinging, running = asyncio.create_task(ping.run()), asyncio.create_task(bulk.run())
        while not running.done():
            asked.append(loop.time())
            answers.feed_data(b"echo\n")
            await asyncio.sleep(0.02)
        took = loop.time() - begun
        answers.feed_eof()
        await pinging
        assert len(pinged.times) == len(asked)
        return took, [came - at for at, came in zip(asked, pinged.times, strict=True)]

    took, waits = in_virtual_time(carry())
    assert took == pytest.approx(1.075, abs=0.025)
    assert all(0.0745 <= wait <= 0.075 + 0.02 for wait in waits)


def test_two_downloads_share_a_rate_evenly() -> None:
    async def carry() -> list[float]:
        rules = Rules(*toxics_of(NetProfile(rtt_ms=150, rate_down=50)))
        both = [piped(rules, bytes(3_125_000)) for _ in range(2)]
        begun = asyncio.get_running_loop().time()
        await asyncio.gather(*(pipe.run() for pipe, _, _ in both))
        return [sink.times[-1] - begun for _, sink, _ in both]

    for took in in_virtual_time(carry()):
        assert took == pytest.approx(1.075, abs=0.02)


def test_a_client_that_takes_nothing_fills_no_memory() -> None:
    async def carry() -> tuple[int, int]:
        rules = Rules(*toxics_of(NetProfile(rtt_ms=20, rate_down=100)))
        pipe, sink, reader = piped(rules, bytes(4_000_000))
        sink.room.clear()
        running = asyncio.create_task(pipe.run())
        await asyncio.sleep(60)
        held, left = pipe._held, len(reader._buffer)  # type: ignore[attr-defined]  # what was not taken
        assert held <= under_way(rules.active("downstream")) < 500_000
        sink.room.set()
        await running
        return left, len(sink.got)

    left, got = in_virtual_time(carry())
    assert left > 3_000_000
    assert got == 4_000_000


def test_a_rate_that_goes_away_lets_go_what_waits_for_it() -> None:
    async def carry() -> float:
        rules = Rules(Toxic("b", "bandwidth", "downstream", 1.0, {"rate": 0.001}))
        pipe, sink, _ = piped(rules, b"x" * 100)
        running = asyncio.create_task(pipe.run())
        begun = asyncio.get_running_loop().time()
        await asyncio.sleep(5)
        rules.toxics = ()
        rules.event.set()
        await running
        assert len(sink.got) == 100
        return asyncio.get_running_loop().time() - begun

    assert in_virtual_time(carry()) == pytest.approx(5, abs=0.01)
