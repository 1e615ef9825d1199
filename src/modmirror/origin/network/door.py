"""A server on loopback for one run of a tool: nothing of it outlives the run."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager, suppress
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable

    Lead: TypeAlias = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]

LOOPBACK = "127.0.0.1"
MAX_HEAD_BYTES = 64 << 10
"""Of a request or an answer, up to its empty line; more is broken off."""
CONNECT_SECONDS = 10.0
"""For the connection to one address of the host that a door leads to."""
_PIECE_BYTES = 64 << 10


@asynccontextmanager
async def open_door(lead: Lead) -> AsyncIterator[int]:
    """Serve each connection with ``lead`` while the body runs; yield the port on 127.0.0.1.

    A connection is closed when ``lead`` returns. It may fail with the network, or on a head that is not
    whole: whoever breaks a connection off, the other side's is broken off too, and that says it all.
    """
    tasks: set[asyncio.Task[None]] = set()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            with suppress(OSError, asyncio.IncompleteReadError, asyncio.LimitOverrunError):
                await lead(reader, writer)
        finally:
            writer.close()

    def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.create_task(serve(reader, writer))
        tasks.add(task)
        task.add_done_callback(tasks.discard)

    server = await asyncio.start_server(accept, LOOPBACK, 0, limit=MAX_HEAD_BYTES)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()
        left = list(tasks)
        for task in left:
            task.cancel()
        await asyncio.gather(*left, return_exceptions=True)


async def carry(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Pass on what is read until its end, no faster than it is taken."""
    while piece := await reader.read(_PIECE_BYTES):
        writer.write(piece)
        await writer.drain()
