"""The connections of one listener: their clock, their limits, their end."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING

from modmirror.server.conditional import http_date
from modmirror.server.wire.http1 import Connection
from modmirror.server.wire.http1_reader import Familiar

if TYPE_CHECKING:
    from collections.abc import Callable

    from modmirror.server.app import Edge
    from modmirror.server.settings import ServerSettings
    from modmirror.server.wire.http1_line import Line

TICK_SECONDS = 1.0
"""How often limits are checked and the Date header is made anew: one timer, not one a connection."""


class Http1Server:
    """Makes and minds connections. Call it as a protocol factory."""

    def __init__(self, edge: Edge, settings: ServerSettings, now: Callable[[], float] = time.time) -> None:
        """Start the clock; needs a running event loop."""
        self.edge = edge
        self.loop = asyncio.get_running_loop()
        self.connections: set[Line] = set()
        self.familiar = Familiar()
        self.streams = 0
        """Answers under way whose bytes go through this process."""
        self.draining = False
        """No connection takes a further request."""
        self.date_line = b""
        self.date_and_id = b""
        """The date and the name of the request id: what stands before the id in every head."""
        self._settings = settings
        self._now = now
        self._empty = asyncio.Event()
        self._tick()

    def __call__(self) -> Connection:
        """Return the protocol for a new connection."""
        return Connection(self)

    def joined(self, line: Line) -> None:
        """A client has connected."""
        self.connections.add(line)
        if self.draining:
            line.close_when_idle()  # it was accepted while the listener closed

    def gone(self, line: Line) -> None:
        """A connection has ended."""
        self.connections.discard(line)
        if not self.connections:
            self._empty.set()

    async def finish(self, seconds: float) -> int:
        """Let running answers end within ``seconds``, then break off the rest; return how many."""
        self.draining = True
        for connection in list(self.connections):
            connection.close_when_idle()
        cut_off = 0
        if not await self._emptied(seconds):
            cut_off = self.edge.cut_off()
            for connection in list(self.connections):
                connection.transport.abort()
            await self._emptied(TICK_SECONDS)
        self._timer.cancel()
        return cut_off

    async def _emptied(self, seconds: float) -> bool:
        if not self.connections:
            return True
        self._empty.clear()
        try:
            await asyncio.wait_for(self._empty.wait(), seconds)
        except TimeoutError:
            return False
        return True

    def _tick(self) -> None:
        self.date_line = b"date: %b\r\n" % http_date(self._now())
        self.date_and_id = self.date_line + b"x-request-id: "
        settings, now = self._settings, self.loop.time()
        for connection in list(self.connections):
            connection.check(now, settings.header_timeout, settings.write_stall_timeout)
        self._timer = self.loop.call_later(TICK_SECONDS, self._tick)
