"""One direction of a shaped TCP connection: bytes come in, wait as the toxics say, and go out in order.

A piece first waits for its turn on the rate, which it shares with the other connections of its region;
then it is under way, and its release is reckoned from the instant when the rate let it through. So there
is as much under way at once as on a long line, and no more than that is taken from the sender
(:func:`~modmirror.lab.net.toxics.under_way` states the bound). When the toxics change, what is waiting goes
out at once and what follows obeys the new ones; no byte is lost by a change.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Protocol

from modmirror.lab.net.toxics import Bucket, dose, rate_of, slices, under_way

if TYPE_CHECKING:
    from collections.abc import Iterator
    from random import Random

    from modmirror.lab.net.toxics import Stream, Toxic

READ_BYTES = 65_536
_SEGMENT = 1448
"""Bytes in a packet of TCP over Ethernet: losses are counted by packet."""
_GRAIN = 0.001
"""Seconds: the event loop wakes at whole milliseconds, half of one late on average."""
_AHEAD = 0.01
"""Seconds of rate that a connection may take in advance: a loop that is late by less wastes none of it."""
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
        self._now = asyncio.get_running_loop().time
        self._queue: asyncio.Queue[tuple[float, bytes]] = asyncio.Queue()
        self._held = 0
        """Bytes in the queue, or on their way out of it."""
        self._less = asyncio.Event()
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
                data = await self._reader.read(READ_BYTES)
            except ConnectionError:
                self._rules.close()
                data = b""
            size = dose(self._rules.active(self._stream), READ_BYTES)
            for at in range(0, len(data), size):
                await self._take(data[at : at + size])
        self._queue.put_nowait((self._now(), b""))

    async def _take(self, piece: bytes) -> None:
        """Put a piece under way, when there is room for it and the rate lets it through."""
        while self._held and self._held + len(piece) > under_way(self._rules.active(self._stream)):
            self._less.clear()
            await self._less.wait()
        self._held += len(piece)
        self._queue.put_nowait((await self._metered(len(piece)), piece))

    async def _metered(self, size: int) -> float:
        """Return the instant when the rate has let ``size`` bytes through, and not much before it."""
        rate = rate_of(self._rules.active(self._stream))
        if not rate:
            return self._now()
        through = self._rules.bucket(self._stream).reserve(size, rate, self._now())
        changed = await self._wait(through - _AHEAD)
        return min(through, self._now()) if changed else through

    async def _empty(self) -> None:
        while True:
            since, data = await self._queue.get()
            if not data:
                break
            for piece in self._pieces(data):
                await self._pass(since, piece)
            self._held -= len(data)
            self._less.set()
        for toxic in self._rules.active(self._stream):
            if toxic.type == "slow_close":
                await self._wait(self._now() + toxic["delay"] / _KILO)
        if self._writer.can_write_eof():
            self._writer.write_eof()

    def _pieces(self, data: bytes) -> Iterator[bytes]:
        sizes = [len(data)]
        for toxic in self._rules.active(self._stream):
            if toxic.type == "slicer":
                sizes = slices(
                    len(data), int(toxic["average_size"]), int(toxic["size_variation"]), self._chance
                )
        at = 0
        for size in sizes:
            yield data[at : at + size]
            at += size

    async def _pass(self, since: float, piece: bytes) -> None:
        await self._rules.passable()
        release, limit = since, None
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
        if await self._wait(self._released):
            # What waits goes out now, and what follows does not queue behind an old release.
            self._released = 0.0
        await self._rules.passable()
        await self._write(piece, limit)

    def _delayed(self, release: float, size: int, toxic: Toxic) -> float:
        match toxic.type:
            case "latency":
                jitter = toxic["jitter"] * (2 * self._chance.random() - 1)
                return release + max(0.0, toxic["latency"] + jitter) / _KILO
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

    async def _wait(self, instant: float) -> bool:
        """Wait until an instant. Returns whether the toxics changed before it came."""
        left = instant - self._now() - _GRAIN / 2
        # Less than the grain cannot be waited for; later pieces are not late for it.
        if left <= _GRAIN / 2:
            return False
        try:
            await asyncio.wait_for(self._rules.changed().wait(), left)
        except TimeoutError:
            return False
        return True
