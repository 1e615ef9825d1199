from __future__ import annotations

import asyncio
from random import Random
from typing import TYPE_CHECKING

from modmirror.lab.net.pipe import CHUNK_BYTES, QUEUE_CHUNKS, Pipe
from modmirror.lab.net.toxics import Bucket, Toxic

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

    def active(self, stream: Stream) -> tuple[Toxic, ...]:
        return tuple(toxic for toxic in self.toxics if toxic.stream == stream)

    def changed(self) -> asyncio.Event:
        return self.event

    async def passable(self) -> None:
        await self.open.wait()

    def bucket(self, stream: Stream) -> Bucket:
        return Bucket()

    def count(self, stream: Stream, size: int) -> None:
        self.counted += size

    def close(self) -> None:
        self.closed = True


class Sink:
    """A writer that keeps what it gets."""

    def __init__(self) -> None:
        self.got = b""
        self.ended = False

    def write(self, data: bytes) -> None:
        self.got += data

    async def drain(self) -> None:
        await asyncio.sleep(0)

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
    assert (sink.got, sink.ended, rules.counted) == (b"hello" * 50_000, True, 250_000)


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


async def test_a_rate_cuts_into_tenths_of_a_second() -> None:
    pipe, _, _ = piped(Rules(Toxic("b", "bandwidth", "downstream", 1.0, {"rate": 1.0})), b"")
    assert [len(piece) for piece in pipe._pieces(b"x" * 250)] == [100, 100, 50]


async def test_a_cut_line_holds_everything_and_memory_stays_bounded() -> None:
    rules = Rules()
    rules.open.clear()
    size = CHUNK_BYTES * QUEUE_CHUNKS * 3
    pipe, sink, reader = piped(rules, b"x" * size)
    running = asyncio.create_task(pipe.run())
    for _ in range(QUEUE_CHUNKS * 4):
        await asyncio.sleep(0)
    assert sink.got == b""
    assert len(reader._buffer) > CHUNK_BYTES * QUEUE_CHUNKS  # type: ignore[attr-defined]  # what was not taken
    rules.open.set()
    await asyncio.wait_for(running, 20)
    assert len(sink.got) == size


async def test_a_limit_counts_over_all_chunks_and_ends_the_connection() -> None:
    rules = Rules(Toxic("d", "limit_data", "downstream", 1.0, {"bytes": 20_000.0}))
    pipe, sink, _ = piped(rules, b"x" * 50_000)
    await pipe.run()
    assert len(sink.got) == 20_000
    assert rules.closed
