"""granian inside this process: TLS and HTTP/2 in front of the edge."""

from __future__ import annotations

import asyncio
import socket
from pathlib import Path
from typing import TYPE_CHECKING, Any

from granian.constants import HTTPModes, Interfaces, SSLProtocols
from granian.http import HTTP1Settings
from granian.net import SocketHolder  # type: ignore[attr-defined]  # re-exported without saying so
from granian.server.embed import Server

from modmirror.server.wire.asgi import AsgiApp
from modmirror.server.wire.binding import BACKLOG
from modmirror.server.wire.idle import close_idle

if TYPE_CHECKING:
    from modmirror.server.app import Edge
    from modmirror.server.settings import ServerSettings

MAX_CONNECTIONS = 65_535
"""granian counts idle connections too: a low number would lock clients out."""
WRITE_BUFFER_BYTES = 65_536
"""Of one connection; also the most that a request's head may take."""
LAST_SECONDS = 5.0
"""What broken-off answers get to leave the server."""


class TlsServer:
    """Serves https on a socket that is bound already."""

    def __init__(self, edge: Edge, settings: ServerSettings, bound: socket.socket) -> None:
        self._edge = edge
        self._app = AsgiApp(edge, settings.write_stall_timeout)
        self._idle_limit = settings.header_timeout
        # A Unix socket has no port, and no strangers either.
        self._port = 0 if bound.family == socket.AF_UNIX else bound.getsockname()[1]
        self._server = _BoundServer(
            self._app,
            bound=bound,
            interface=Interfaces.ASGINL,
            http=HTTPModes.auto,
            websockets=False,
            backlog=BACKLOG,
            backpressure=MAX_CONNECTIONS,
            log_enabled=False,
            http1_settings=HTTP1Settings(
                header_read_timeout=int(settings.header_timeout * 1000), max_buffer_size=WRITE_BUFFER_BYTES
            ),
            ssl_cert=Path(settings.tls_cert),
            ssl_key=Path(settings.tls_key or settings.tls_cert),
            # granian's own default refuses clients that are still common in companies.
            ssl_protocol_min=SSLProtocols.tls12,
        )

    async def serve(self) -> None:
        """Serve until :meth:`finish` is called."""
        sweeping = asyncio.create_task(self._close_idle())
        try:
            await self._server.serve()
        finally:
            sweeping.cancel()

    async def _close_idle(self) -> None:
        loop = asyncio.get_running_loop()
        while self._port:
            await asyncio.sleep(self._idle_limit / 2)
            busy = self._app.busy_clients()
            await loop.run_in_executor(None, close_idle, self._port, self._idle_limit, busy)

    async def finish(self, running: asyncio.Task[None], seconds: float) -> int:
        """Stop accepting, let answers end within ``seconds``, break off the rest; return how many."""
        self._server.stop()  # type: ignore[no-untyped-call]  # granian is typed in part
        done, _ = await asyncio.wait({running}, timeout=seconds)
        if done:
            return 0
        cut_off = self._edge.cut_off()
        await asyncio.wait({running}, timeout=LAST_SECONDS)
        return cut_off


class _BoundServer(Server):
    """granian on a socket of ours: bound before anything starts, and not shared with anybody."""

    def __init__(self, target: AsgiApp, *, bound: socket.socket, **options: Any) -> None:
        super().__init__(target, **options)
        self._bound = bound

    def _init_shared_socket(self) -> None:
        # The server closes its descriptor when it stops listening, so it gets one of its own.
        holder: Any = SocketHolder
        self._shd = holder(self._bound.dup().detach(), False, BACKLOG)  # noqa: FBT003 - positional only
