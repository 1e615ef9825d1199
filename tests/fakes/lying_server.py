"""A server on loopback that says exactly the bytes it was told to, however wrong they are."""

from __future__ import annotations

import asyncio
import socket
import struct
from collections.abc import Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import ssl
    from collections.abc import AsyncIterator

Saying = Callable[["Visit"], Awaitable[None]]
"""What becomes of one request: it writes, waits or breaks."""

OK = b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok"


@dataclass
class Visit:
    """One request, and the connection that it came over."""

    head: bytes
    writer: asyncio.StreamWriter
    number: int
    """Of the request within its connection, from 1."""
    leaving: asyncio.Event
    """Set when the server goes away: what waits must not wait longer."""

    @property
    def path(self) -> str:
        return self.head.split(b" ", 2)[1].decode()

    async def say(self, data: bytes) -> None:
        self.writer.write(data)
        await self.writer.drain()

    def hang_up(self) -> None:
        self.writer.close()

    def reset(self) -> None:
        sock = self.writer.get_extra_info("socket")
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.writer.transport.abort()

    async def stall(self) -> None:
        await self.leaving.wait()


@dataclass
class LyingServer:
    """Says what ``saying`` says; keeps every request head."""

    saying: Saying
    heads: list[bytes] = field(default_factory=list)
    connections: int = 0

    @asynccontextmanager
    async def serve(self, tls: ssl.SSLContext | None = None) -> AsyncIterator[str]:
        """Listen while the block runs; yields the URL."""
        self._leaving = asyncio.Event()
        self._open: dict[asyncio.Task[None], asyncio.StreamWriter] = {}
        server = await asyncio.start_server(self._connected, "127.0.0.1", 0, ssl=tls)
        port = server.sockets[0].getsockname()[1]
        try:
            yield f"{'https' if tls else 'http'}://127.0.0.1:{port}"
        finally:
            server.close()
            self._leaving.set()
            tasks = list(self._open)
            for task, writer in self._open.items():
                task.cancel()
                writer.transport.abort()
            await asyncio.gather(*tasks, return_exceptions=True)
            await asyncio.sleep(0)  # what was aborted is closed in the next round of the loop

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task
        self._open[task] = writer
        self.connections += 1
        number = 0
        try:
            while not writer.is_closing():
                head = await reader.readuntil(b"\r\n\r\n")
                number += 1
                self.heads.append(head)
                await self.saying(Visit(head, writer, number, self._leaving))
        except (asyncio.IncompleteReadError, ConnectionError, asyncio.CancelledError):
            return  # the client has gone, or the test has ended: nobody is left to lie to
        finally:
            del self._open[task]
            writer.close()


def always(*pieces: bytes, then: str = "keep") -> Saying:
    """Return a saying: these bytes, and then ``keep`` the connection, ``close``, ``reset`` or ``stall``."""

    async def say(visit: Visit) -> None:
        for piece in pieces:
            await visit.say(piece)
        if then == "close":
            visit.hang_up()
        elif then == "reset":
            visit.reset()
        elif then == "stall":
            await visit.stall()

    return say
