"""Puts the edge on the network: serves, and ends without cutting anybody off who could be served.

Plain HTTP/1.1 is served by our own connections (``wire/http1.py``). With a certificate granian does it,
which speaks TLS and HTTP/2 and takes the edge as an ASGI application (docs/adr/0006).
"""

from __future__ import annotations

import asyncio
import socket
from typing import TYPE_CHECKING

from modmirror.server.wire.binding import BACKLOG, bind, release
from modmirror.server.wire.http1_server import Http1Server

if TYPE_CHECKING:
    from collections.abc import Callable

    from modmirror.server.app import Edge
    from modmirror.server.settings import ServerSettings
    from modmirror.server.wire.binding import Bound


async def listen(
    app: Edge,
    settings: ServerSettings,
    *,
    on_ready: Callable[[Bound], None],
    stop: asyncio.Event,
    bound: Bound | None = None,
) -> int:
    """Serve until ``stop`` is set, then end gracefully; return how many answers had to be broken off.

    The end: readiness turns false, ``drain`` seconds pass in which everything is still served, the
    listener closes, and running answers get ``shutdown_timeout`` seconds.

    Raises:
        ConfigError: see :func:`bind`.
    """
    taken = bound or bind(settings)
    serve = _serve_tls if settings.tls_cert else _serve_plain
    try:
        return await serve(app, settings, taken, on_ready, stop)
    finally:
        release(taken)


async def _serve_plain(
    app: Edge,
    settings: ServerSettings,
    bound: Bound,
    on_ready: Callable[[Bound], None],
    stop: asyncio.Event,
) -> int:
    loop = asyncio.get_running_loop()
    http = Http1Server(app, settings)
    if bound.socket.family == socket.AF_UNIX:
        server = await loop.create_unix_server(http, sock=bound.socket, backlog=BACKLOG)
    else:
        server = await loop.create_server(http, sock=bound.socket, backlog=BACKLOG)
    on_ready(bound)
    await _until_drained(app, settings, stop)
    server.close()
    return await http.finish(settings.shutdown_timeout)


async def _serve_tls(
    app: Edge,
    settings: ServerSettings,
    bound: Bound,
    on_ready: Callable[[Bound], None],
    stop: asyncio.Event,
) -> int:
    # Late: only those who want TLS pay for loading it.
    from modmirror.server.wire.tls import TlsServer

    server = TlsServer(app, settings, bound.socket)
    running = asyncio.create_task(server.serve())
    on_ready(bound)
    try:
        await _until_drained(app, settings, stop)
        return await server.finish(running, settings.shutdown_timeout)
    finally:
        running.cancel()


async def _until_drained(app: Edge, settings: ServerSettings, stop: asyncio.Event) -> None:
    await stop.wait()
    app.drain()
    await asyncio.sleep(settings.drain)
