"""Connections of HTTP/1.1 without TLS: one answer at a time, in the order of requests.

Why not leave it to an ASGI server: a hit from memory is answered here within one callback, without a task,
and a stored file goes out with sendfile, so that its bytes never enter this process (docs/adr/0006).

What a client can cost is bounded everywhere: the size of a request's head and body, the time it takes to
send them, the time it may take nothing of its answer, and the requests it may send ahead.
"""

from __future__ import annotations

import asyncio
import socket
from collections import deque
from typing import TYPE_CHECKING, cast

from modmirror.server.exchange import LEFT, STALLED
from modmirror.server.wire.http1_exchange import Http1Exchange, refusal
from modmirror.server.wire.http1_hits import answer_now
from modmirror.server.wire.http1_reader import BAD_REQUEST, RequestReader
from modmirror.server.wire.sockets import unsent_bytes

if TYPE_CHECKING:
    from collections.abc import Awaitable

    from modmirror.server.wire.http1_line import Listener
    from modmirror.server.wire.http1_reader import Asked

MAX_AHEAD = 32
"""Requests that a client may send before it has read the answers; then we stop reading."""

# Linux only; elsewhere the head of a file simply travels in a packet of its own.
_MORE = getattr(socket, "MSG_MORE", 0)


class Connection(asyncio.Protocol):
    """One client."""

    __slots__ = (
        "_ahead",
        "_answering",
        "_at_end",
        "_lingering",
        "_pending",
        "_quiet_since",
        "_reader",
        "_reading",
        "_socket",
        "_stalled_since",
        "_task",
        "flow",
        "peer",
        "server",
        "transport",
    )

    transport: asyncio.Transport

    def __init__(self, server: Listener) -> None:
        self.server = server
        self.peer = ""
        """Address of the client; empty on a Unix socket."""
        self.flow: asyncio.Future[None] | None = None
        """Done as soon as the transport holds nothing any more; None when it holds nothing now."""
        self._reader = RequestReader(self._take, server.familiar)
        self._ahead: deque[Asked | int] = deque()
        """Requests that wait, and after them perhaps the status of a refusal."""
        self._answering: Http1Exchange | None = None
        self._task: asyncio.Task[None] | None = None
        self._at_end = False
        """Nothing that comes after what is in ``_ahead`` will be answered."""
        self._lingering = False
        """A refusal has been sent; what still comes is thrown away."""
        self._reading = True
        self._socket: socket.socket | None = None
        self._quiet_since = server.loop.time()
        self._stalled_since = 0.0
        self._pending = -1

    # --- the transport's side ---

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """A client has connected."""
        self.transport = cast("asyncio.Transport", transport)
        # Nothing is held back on purpose: a stalled client costs at most the piece in hand.
        self.transport.set_write_buffer_limits(high=0)
        peer = transport.get_extra_info("peername")
        self.peer = peer[0] if isinstance(peer, tuple) else ""
        self.server.joined(self)

    def connection_lost(self, exc: Exception | None) -> None:
        """The connection is gone, by whomever."""
        del exc
        self.server.gone(self)
        self._ahead.clear()
        self._at_end = True
        if self._answering is None:
            self._close_socket()
        else:
            self._answering.cut(LEFT)
        self.resume_writing()

    def data_received(self, data: bytes) -> None:
        """Take in what came, and answer it unless an answer is under way."""
        if self._at_end or self._lingering:
            return
        reader = self._reader
        if not reader.partial:
            # The head of a request has to follow its first byte within the limit.
            self._quiet_since = self.server.loop.time()
        status = reader.feed(data)
        if status:
            self._reject(status)
        elif reader.finished:
            self._at_end = True
        if self._ahead:
            self._advance()

    def eof_received(self) -> bool:
        """The client will send no more. It may still be reading: finish what it asked for."""
        self._at_end = True
        return self._answering is not None or bool(self._ahead)

    def pause_writing(self) -> None:
        """The kernel took less than was written."""
        if self.flow is None:
            self.flow = self.server.loop.create_future()

    def resume_writing(self) -> None:
        """The kernel has taken everything."""
        flow, self.flow = self.flow, None
        if flow is not None and not flow.done():
            flow.set_result(None)
        self._advance()

    # --- what answers use ---

    @property
    def socket(self) -> socket.socket:
        """The connection's socket under a second descriptor: the event loop guards its own."""
        if self._socket is None:
            descriptor = self.transport.get_extra_info("socket").fileno()
            self._socket = socket.fromfd(descriptor, socket.AF_INET, socket.SOCK_STREAM)
            self._socket.settimeout(0)
        return self._socket

    def send_more(self, head: bytes) -> int:
        """Send the head of a file, which joins it in the same packet; return how much was taken."""
        if self.flow is not None:
            return 0
        try:
            return self.socket.send(head, _MORE)
        except (BlockingIOError, ConnectionError):
            return 0  # a client that is gone is noticed by whoever sends the rest

    def begin(self, exchange: Http1Exchange, sending: Awaitable[None] | None = None) -> None:
        """Answer in a task: by the edge, or by seeing to the end of ``sending``."""
        self._answering = exchange
        self._task = self.server.loop.create_task(self._answer(exchange, sending))

    def close_when_idle(self) -> None:
        """Take no further request."""
        self._at_end = True
        if self._answering is None and not self._ahead:
            self.transport.close()

    # --- one request after the other ---

    def _take(self, asked: Asked) -> None:
        if self._at_end:
            return
        free = self._answering is None and self.flow is None and not self._ahead
        if free and asked.plain and answer_now(self, asked):
            return
        # RFC 9112, 3.2: "A server MUST respond with a 400 (Bad Request) status code to any HTTP/1.1
        # request message that lacks a Host header field".
        if b"host" not in asked.headers and not asked.http_1_0:
            self._reject(BAD_REQUEST)
            return
        self._ahead.append(asked)
        self._at_end = not asked.keep_alive

    def _advance(self) -> None:
        """Answer the requests that wait, as far as that can be done now."""
        while self._ahead and self._answering is None and self.flow is None:
            asked = self._ahead.popleft()
            if isinstance(asked, int):
                self._refuse(asked)
            elif not (asked.plain and not self._at_end and answer_now(self, asked)):
                self._begin(asked)
        self._mind_reading()

    def _begin(self, asked: Asked) -> None:
        edge = self.server.edge
        caller = edge.callers.caller(self.peer, "http", asked.headers)
        closes = not asked.keep_alive or (self._at_end and not self._ahead)
        exchange = Http1Exchange(self, asked, caller, closes=closes)
        exchange.started, exchange.arrived = edge.ticks(), edge.now()
        self.begin(exchange)

    async def _answer(self, exchange: Http1Exchange, sending: Awaitable[None] | None) -> None:
        try:
            await self.server.edge.answer(exchange, sending)
        finally:
            self._answering = None
            if exchange.aborted or not exchange.status:
                # A clean end would be taken for the end of the answer.
                self.transport.abort()
            if self.transport.is_closing():
                self._close_socket()
        if self.transport.is_closing():
            return
        self._quiet_since = self.server.loop.time()
        if exchange.closes or (self._at_end and not self._ahead):
            self.transport.close()
        else:
            self._advance()

    def _close_socket(self) -> None:
        if self._socket is not None:
            self._socket.close()
            self._socket = None

    def _reject(self, status: int) -> None:
        """Refuse what came last, after everything before it has been answered."""
        self._at_end = True
        self._ahead.append(status)

    def _refuse(self, status: int) -> None:
        """Answer what is no proper request, and close without losing that answer.

        Closing while the client still sends would reset the connection before it has read anything.
        """
        self.transport.write(refusal(status, self.server.date_line))
        self._lingering = True
        self._quiet_since = self.server.loop.time()
        if self.transport.can_write_eof():
            self.transport.write_eof()

    def _mind_reading(self) -> None:
        """Stop reading when too much waits, go on when it does not."""
        wanted = len(self._ahead) < MAX_AHEAD and self.flow is None
        if wanted == self._reading or self.transport.is_closing():
            return
        self._reading = wanted
        if wanted:
            self.transport.resume_reading()
        else:
            self.transport.pause_reading()

    # --- limits, checked now and then by the server ---

    def check(self, now: float, header_timeout: float, stall_limit: float) -> None:
        """Close a connection whose client takes too long to ask, or to read its answer."""
        if self.flow is not None or (self._answering is not None and self._answering.blocked):
            self._check_stall(now, stall_limit)
            return
        self._pending = -1
        if self._answering is None and now - self._quiet_since > header_timeout:
            self.transport.abort()

    def _check_stall(self, now: float, limit: float) -> None:
        pending = unsent_bytes(self.socket) + self.transport.get_write_buffer_size()
        if pending != self._pending:
            self._pending, self._stalled_since = pending, now
        elif now - self._stalled_since > limit:
            if self._answering is not None:
                self._answering.cut(STALLED)
            self.transport.abort()
