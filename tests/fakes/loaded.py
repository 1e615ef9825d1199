"""A server for load generators: answers every request with one small body, and can stand still."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from hashlib import sha256
from typing import TYPE_CHECKING

from modmirror.lab.load.job import Ask, Job, Place

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

BODY = b'{"Version":"v1.0.0"}'
GOOD = b"HTTP/1.1 200 OK\r\ncontent-length: %d\r\n\r\n%b" % (len(BODY), BODY)
ASK = Ask(b"GET /x HTTP/1.1\r\nhost: x\r\n\r\n", len(BODY), sha256(BODY).hexdigest())


@dataclass
class LoadedServer:
    """What it sends, and how often it was asked."""

    answer: bytes = GOOD
    port: int = 0
    asked: int = 0
    ends: bool = False
    """Whether it ends the connection after each answer."""
    silent: bool = False
    _free: asyncio.Event = field(default_factory=asyncio.Event)

    def __post_init__(self) -> None:
        self._free.set()

    @property
    def place(self) -> Place:
        return Place("127.0.0.1", self.port)

    async def stand_still(self, seconds: float) -> None:
        """Answer nobody for a while."""
        self._free.clear()
        await asyncio.sleep(seconds)
        self._free.set()

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while await reader.readuntil(b"\r\n\r\n"):
                self.asked += 1
                await self._free.wait()
                if self.silent:
                    await asyncio.Event().wait()
                writer.write(self.answer)
                await writer.drain()
                if self.ends:
                    return
        except (asyncio.IncompleteReadError, ConnectionError):
            return
        finally:
            writer.close()


@asynccontextmanager
async def loaded_server(server: LoadedServer | None = None) -> AsyncIterator[LoadedServer]:
    """Listen until the block ends."""
    server = server or LoadedServer()
    tasks: set[asyncio.Task[None]] = set()

    def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.ensure_future(server.serve(reader, writer))
        tasks.add(task)
        task.add_done_callback(tasks.discard)

    listening = await asyncio.start_server(connected, "127.0.0.1", 0)
    server.port = listening.sockets[0].getsockname()[1]
    try:
        yield server
    finally:
        listening.close()
        for task in list(tasks):
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


def job(server: LoadedServer, begin: float, **changes: object) -> Job:
    """Return a short open loop."""
    values: dict[str, object] = {
        "place": server.place,
        "asks": (ASK,),
        "loop": "open",
        "begin": begin,
        "seconds": 0.3,
        "seed": 1,
        "connections": 64,
        "timeout": 10.0,
        "rate": 200.0,
        "arrivals": "constant",
    }
    return Job(**(values | changes))  # type: ignore[arg-type]  # each value is of its field's type
