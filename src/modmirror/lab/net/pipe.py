"""One direction of a shaped TCP connection: bytes come in, wait as the toxics say, and go out in order.

A chunk's release is reckoned from the instant when it was read, so that many chunks are under way at
once as on a long line. When the toxics change, what is waiting goes out at once and what follows obeys the
new ones; no byte is lost by a change. A bounded queue keeps a fast sender from filling the memory.
"""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING, Protocol

from modmirror.lab.net.toxics import Bucket, slices

if TYPE_CHECKING:
    from collections.abc import Iterator
    from random import Random

    from modmirror.lab.net.toxics import Stream, Toxic

CHUNK_BYTES = 16_384
QUEUE_CHUNKS = 64
"""Together 1 MiB under way in each direction of a connection."""
_MOST_SECONDS = 0.1
"""A rate is dosed at least so finely (lab.md 3.1)."""
_SEGMENT = 1448
"""Bytes in a packet of TCP over Ethernet: losses are counted by packet."""
_GRAIN = 0.001
"""Seconds: the event loop wakes at whole milliseconds, half of one late on average."""
_KILO = 1000.0
_MILLION = 1e6


class Rules(Protocol):
    """What a pipe asks its connection before each chunk."""

    def active(self, stream: Stream) -> tuple[Toxic, ...]:
        """Return the toxics that concern this direction now."""
        ...

    def changed(self) -> asyncio.Event:
        """Return the event of the next change."""
        ...

    async def passable(self) -> None:
        """Wait while the line is cut."""
        ...

    def bucket(self, stream: Stream) -> Bucket:
        """Return the shared rate of this direction."""
        ...

    def count(self, stream: Stream, size: int) -> None:
        """Take note of bytes that went out."""
        ...

    def close(self) -> None:
        """End the connection in both directions."""
        ...


class Pipe:
    """Carries bytes from ``reader`` to ``writer`` until one of them ends."""

    def __init__(
        self,
        stream: Stream,
        rules: Rules,
        chance: Random,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
    ) -> None:
        self._stream = stream
        self._rules = rules
        self._chance = chance
        self._reader = reader
        self._writer = writer
        self._queue: asyncio.Queue[tuple[float, bytes]] = asyncio.Queue(QUEUE_CHUNKS)
        self._released = 0.0
        self._passed: dict[str, int] = {}
        """Bytes by limit_data toxic."""

    async def run(self) -> None:
        """Carry until the end. Raises ConnectionError when either side breaks."""
        filling = asyncio.create_task(self._fill())
        try:
            await self._empty()
        finally:
            filling.cancel()
            # A broken reader matters no more once nothing can be written.
            await asyncio.gather(filling, return_exceptions=True)

    async def _fill(self) -> None:
        data = b"begin"
        while data:
            try:
                data = await self._reader.read(CHUNK_BYTES)
            except ConnectionError:
                self._rules.close()
                data = b""
            await self._queue.put((time.monotonic(), data))

    async def _empty(self) -> None:
        while True:
            read_at, data = await self._queue.get()
            if not data:
                break
            for piece in self._pieces(data):
                await self._pass(read_at, piece)
        for toxic in self._rules.active(self._stream):
            if toxic.type == "slow_close":
                await self._wait(time.monotonic() + toxic["delay"] / _KILO)
        if self._writer.can_write_eof():
            self._writer.write_eof()

    def _pieces(self, data: bytes) -> Iterator[bytes]:
        sizes = [len(data)]
        for toxic in self._rules.active(self._stream):
            if toxic.type == "slicer":
                sizes = slices(
                    len(data), int(toxic["average_size"]), int(toxic["size_variation"]), self._chance
                )
            elif toxic.type == "bandwidth" and toxic["rate"]:
                most = max(1, int(toxic["rate"] * _KILO * _MOST_SECONDS))
                sizes = [most] * (len(data) // most) + [len(data) % most]
        at = 0
        for size in filter(None, sizes):
            yield data[at : at + size]
            at += size

    async def _pass(self, read_at: float, piece: bytes) -> None:
        await self._rules.passable()
        release, limit = max(read_at, 0.0), None
        for toxic in self._rules.active(self._stream):
            if toxic.type in {"timeout", "reset_peer"}:
                # Swallowed; the connection ends later.
                return
            if toxic.type == "limit_data":
                limit = toxic
            elif toxic.type == "corrupt":
                piece = self._corrupted(piece, toxic)
            else:
                release = self._delayed(release, len(piece), toxic)
        # Order is kept, whatever jitter says.
        self._released = max(self._released, release)
        await self._wait(self._released)
        await self._rules.passable()
        await self._write(piece, limit)

    def _delayed(self, release: float, size: int, toxic: Toxic) -> float:
        match toxic.type:
            case "latency":
                jitter = toxic["jitter"] * (2 * self._chance.random() - 1)
                return release + max(0.0, toxic["latency"] + jitter) / _KILO
            case "bandwidth" if toxic["rate"]:
                return self._rules.bucket(self._stream).reserve(size, toxic["rate"] * _KILO, release)
            case "slicer":
                return max(release, self._released) + toxic["delay"] / _MILLION
            case "stall":
                packets = -(-size // _SEGMENT)
                spared = (1 - toxic["probability"] / max(1.0, toxic["burst"])) ** packets
                if self._chance.random() >= spared:
                    return max(release, self._released) + toxic["pause"] / _KILO
        return release

    def _corrupted(self, piece: bytes, toxic: Toxic) -> bytes:
        if self._chance.random() >= toxic["probability"]:
            return piece
        at = self._chance.randrange(len(piece))
        return piece[:at] + bytes([piece[at] ^ 0xFF]) + piece[at + 1 :]

    async def _write(self, piece: bytes, limit: Toxic | None) -> None:
        if limit is not None:
            passed = self._passed.get(limit.name, 0)
            piece = piece[: max(0, int(limit["bytes"]) - passed)]
            self._passed[limit.name] = passed = passed + len(piece)
        if piece:
            self._writer.write(piece)
            self._rules.count(self._stream, len(piece))
            await self._writer.drain()
        if limit is not None and passed >= limit["bytes"]:
            self._rules.close()

    async def _wait(self, release: float) -> None:
        left = release - time.monotonic() - _GRAIN / 2
        # Less than the grain cannot be waited for; the bucket of a rate keeps the average right.
        if left > _GRAIN / 2:
            try:
                await asyncio.wait_for(self._rules.changed().wait(), left)
            except TimeoutError:
                return
            # Changed: what waits goes out now, and what follows does not queue behind an old release.
            self._released = 0.0
