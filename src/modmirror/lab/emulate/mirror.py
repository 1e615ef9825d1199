"""An emulated mirror on loopback: HTTP/1.1, as slow, stale, incomplete or broken as it is told to be."""

from __future__ import annotations

import asyncio
import socket
import struct
import time
from collections import Counter
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from random import Random
from typing import TYPE_CHECKING

from modmirror.lab.emulate.behaviour import Behaviour
from modmirror.lab.emulate.content import World, answer
from modmirror.lab.emulate.sumdb import EmulatedSumdb
from modmirror.lab.emulate.wire import RequestReader, head_of, part_of

if TYPE_CHECKING:
    import ssl
    from collections.abc import AsyncIterator, Callable

    from modmirror.lab.emulate.content import Answer
    from modmirror.lab.emulate.modules import ModuleSet
    from modmirror.lab.emulate.wire import Request

_PIECE_BYTES = 65_536
_PIECES_A_SECOND = 20
"""How finely a limited rate is dosed."""
_DRIP = 0.05
"""Seconds between two bytes of a body that never ends."""


@dataclass(frozen=True, slots=True)
class Arrival:
    """One request that reached the mirror."""

    at: float
    """Of the monotonic clock."""
    path: str
    status: int


class EmulatedMirror:
    """A mirror of ``origin``. ``behaviour`` may be replaced at any time, and holds for the next request."""

    def __init__(
        self,
        origin: ModuleSet,
        behaviour: Behaviour | None = None,
        *,
        sumdb: EmulatedSumdb | None = None,
        seed: int = 0,
        clock: Callable[[], float] = time.time,
    ) -> None:
        """Nothing listens yet. Mirrors of one world are given the same ``sumdb``."""
        self.behaviour = behaviour or Behaviour()
        self.world = World(origin, sumdb or EmulatedSumdb(origin))
        self.counts: Counter[str] = Counter()
        """Requests by path: how often a cache in front of it really asked."""
        self.arrivals: list[Arrival] = []
        self._chance = Random(f"{seed} {origin.seed}")  # noqa: S311 - faults that can be repeated
        self._clock = clock
        self._open: dict[asyncio.StreamWriter, asyncio.Task[None]] = {}
        self._hanging: set[asyncio.StreamWriter] = set()
        """Where an answer never comes, or never ends."""

    @asynccontextmanager
    async def serve(self, *, port: int = 0, tls: ssl.SSLContext | None = None) -> AsyncIterator[str]:
        """Listen on loopback and yield the URL. The checksum database is below ``/sumdb/NAME``."""
        server = await asyncio.start_server(self._connected, "127.0.0.1", port, ssl=tls)
        number = server.sockets[0].getsockname()[1]
        try:
            yield f"{'https' if tls else 'http'}://127.0.0.1:{number}"
        finally:
            server.close()
            tasks = list(self._open.values())
            self.drop()
            await asyncio.gather(*tasks, return_exceptions=True)

    def drop(self) -> None:
        """End every open connection at once, with a reset."""
        for writer, task in self._open.items():
            reset(writer)
            task.cancel()

    def drop_hanging(self) -> None:
        """End the connections on which nothing good can happen any more, and no others."""
        for writer in self._hanging:
            reset(writer)
            self._open[writer].cancel()

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None  # noqa: S101 - a coroutine runs in a task
        self._open[writer] = task
        # A client may go away at any moment, and drop() cancels: neither is anybody's mistake.
        with suppress(ConnectionError, asyncio.CancelledError, asyncio.IncompleteReadError):
            await self._converse(reader, writer)
        del self._open[writer]
        self._hanging.discard(writer)
        writer.transport.abort() if writer.transport.is_closing() else writer.close()

    async def _converse(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        requests = RequestReader(reader)
        while (request := await requests.next()) is not None:
            made = answer(
                self.world, self.behaviour, request.path, request.headers, self._clock(), self._chance
            )
            self.counts[request.path] += 1
            self.arrivals.append(Arrival(time.monotonic(), request.path, made.status))
            if not await self._send(writer, request, made) or not request.keep_alive:
                return

    async def _send(self, writer: asyncio.StreamWriter, request: Request, made: Answer) -> bool:
        """Send an answer with its flaw. Tells whether the connection can be used again."""
        if made.flaw in {"silent", "endless"}:
            self._hanging.add(writer)
        if made.flaw == "silent":
            await asyncio.Event().wait()
        if made.delay:
            await asyncio.sleep(made.delay)
        if made.flaw == "endless":
            await _send_without_end(writer, made)
        made = part_of(made, request)
        writer.write(head_of(made, len(made.body)))
        if request.method != "HEAD":
            end = len(made.body) // 2 if made.flaw == "truncate" else len(made.body)
            await _send_body(writer, memoryview(made.body)[:end], self.behaviour.rate)
        await writer.drain()
        return not made.flaw


def reset(writer: asyncio.StreamWriter) -> None:
    """End a connection with a reset instead of a polite end."""
    # Lingering for zero seconds is how a program asks for a reset.
    writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    writer.transport.abort()


async def _send_body(writer: asyncio.StreamWriter, body: memoryview, rate: float) -> None:
    size = max(1, int(rate / _PIECES_A_SECOND)) if rate else _PIECE_BYTES
    for at in range(0, len(body), size):
        writer.write(body[at : at + size])
        await writer.drain()
        if rate:
            await asyncio.sleep(1 / _PIECES_A_SECOND)


async def _send_without_end(writer: asyncio.StreamWriter, made: Answer) -> None:
    writer.write(head_of(made, None))
    while True:
        writer.write(b"1\r\n \r\n")
        await writer.drain()
        await asyncio.sleep(_DRIP)
