"""Servers on loopback that carry bytes: out of TLS, and to where a name really is."""

from __future__ import annotations

import asyncio
import threading
from concurrent.futures import Future
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, TypeAlias

from tests.fakes.tls import server_context

if TYPE_CHECKING:
    import ssl
    from collections.abc import Awaitable, Callable, Iterator, Mapping

_Accept: TypeAlias = "Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]"

_LIMIT = 10.0
_LOOPBACK = "127.0.0.1"


@contextmanager
def tls_front(port: int, *names: str) -> Iterator[int]:
    """Serve https for ``names`` in front of a server that has none; yield the port."""

    async def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await _carry_to(port, reader, writer)

    with _serving(accept, server_context(_LOOPBACK, *names)) as front:
        yield front


@contextmanager
def connect_proxy(ports: Mapping[str, int]) -> Iterator[str]:
    """Serve a proxy that leads to the port of each name, whatever port was asked for; yield its URL."""

    async def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        host = (await reader.readuntil(b"\r\n\r\n")).split()[1].decode().partition(":")[0]
        writer.write(
            b"HTTP/1.1 200 open\r\n\r\n" if host in ports else b"HTTP/1.1 502 no such name\r\n\r\n"
        )
        if host in ports:
            await _carry_to(ports[host], reader, writer)

    with _serving(accept, None) as port:
        yield f"http://{_LOOPBACK}:{port}"


@contextmanager
def _serving(accept: _Accept, context: ssl.SSLContext | None) -> Iterator[int]:
    started: Future[tuple[int, asyncio.AbstractEventLoop, asyncio.Event]] = Future()
    thread = threading.Thread(target=asyncio.run, args=(_serve(accept, context, started),), daemon=True)
    thread.start()
    port, loop, stop = started.result(_LIMIT)
    try:
        yield port
    finally:
        loop.call_soon_threadsafe(stop.set)
        thread.join(_LIMIT)


async def _serve(
    accept: _Accept,
    context: ssl.SSLContext | None,
    started: Future[tuple[int, asyncio.AbstractEventLoop, asyncio.Event]],
) -> None:
    stop = asyncio.Event()
    tasks: set[asyncio.Task[None]] = set()

    async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        # Whoever hangs up has heard enough.
        with suppress(OSError, asyncio.IncompleteReadError):
            await accept(reader, writer)
        writer.close()

    def spawn(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.get_running_loop().create_task(connected(reader, writer))
        tasks.add(task)
        task.add_done_callback(tasks.discard)

    server = await asyncio.start_server(spawn, _LOOPBACK, 0, ssl=context)
    started.set_result((server.sockets[0].getsockname()[1], asyncio.get_running_loop(), stop))
    await stop.wait()
    server.close()
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


async def _carry_to(port: int, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    inner_reader, inner_writer = await asyncio.open_connection(_LOOPBACK, port)
    sending = asyncio.create_task(_carry(reader, inner_writer))
    try:
        await _carry(inner_reader, writer)
    finally:
        sending.cancel()
        inner_writer.close()
        await asyncio.gather(sending, return_exceptions=True)


async def _carry(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while piece := await reader.read(1 << 16):
        writer.write(piece)
        await writer.drain()
    if writer.can_write_eof():
        writer.write_eof()
