"""Connections of HTTP/1.1 without TLS: parsing by llhttp, one answer at a time, in the order of requests.

Why not leave it to an ASGI server: a hit from memory is answered here within one callback, without a task,
and a stored file goes out with sendfile, so that its bytes never enter this process (docs/adr/0006).

What a client can cost is bounded everywhere: the size of a request's head and body, the time it takes to
send them, the time it may take nothing of its answer, and the requests it may send ahead.
"""

from __future__ import annotations

import asyncio
import socket
from collections import deque
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, cast

import httptools

from modmirror.server.exchange import LEFT, STALLED
from modmirror.server.wire.http1_exchange import Http1Exchange, refusal
from modmirror.server.wire.sockets import unsent_bytes

if TYPE_CHECKING:
    from modmirror.server.wire.http1_server import Http1Server

MAX_HEAD_BYTES = 65_536
MAX_BODY_BYTES = 65_536
"""A request that is refused anyway may have a body; what is longer is not waited for."""
MAX_AHEAD = 32
"""Requests that a client may send before it has read the answers; then we stop reading."""

_BAD_REQUEST: Final = 400
_TOO_LARGE: Final = 413
_HEAD_TOO_LARGE: Final = 431


@dataclass(frozen=True, slots=True)
class Asked:
    """A request that has arrived whole."""

    method: str
    raw_path: bytes
    headers: list[tuple[bytes, bytes]]
    keep_alive: bool
    http_1_0: bool


class Connection(asyncio.Protocol):
    """One client. Methods that begin with ``on_`` are called by the parser."""

    __slots__ = (
        "_ahead",
        "_answering",
        "_at_end",
        "_body_bytes",
        "_head_bytes",
        "_headers",
        "_lingering",
        "_parser",
        "_peer",
        "_pending",
        "_quiet_since",
        "_reading",
        "_server",
        "_socket",
        "_stalled_since",
        "_task",
        "_url",
        "flow",
        "transport",
    )

    transport: asyncio.Transport

    def __init__(self, server: Http1Server) -> None:
        self._server = server
        self._parser = httptools.HttpRequestParser(self)
        self._url = b""
        self._headers: list[tuple[bytes, bytes]] = []
        self._head_bytes = 0
        self._body_bytes = 0
        self._ahead: deque[Asked | int] = deque()
        self._answering: Http1Exchange | None = None
        self._task: asyncio.Task[None] | None = None
        self._at_end = False
        """Nothing that comes after what is in ``_ahead`` will be answered."""
        self._lingering = False
        self._reading = True
        self._peer = ""
        self._socket: socket.socket | None = None
        self._quiet_since = server.loop.time()
        self._stalled_since = 0.0
        self._pending = -1
        self.flow: asyncio.Future[None] | None = None
        """Done as soon as the transport holds nothing any more; None when it holds nothing now."""

    # --- the transport's side ---

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """A client has connected."""
        self.transport = cast("asyncio.Transport", transport)
        # Nothing is held back on purpose: a stalled client costs at most the piece in hand.
        self.transport.set_write_buffer_limits(high=0)
        peer = transport.get_extra_info("peername")
        self._peer = peer[0] if isinstance(peer, tuple) else ""
        self._server.connections.add(self)

    def connection_lost(self, exc: Exception | None) -> None:
        """The connection is gone, by whomever."""
        del exc
        self._server.gone(self)
        self._ahead.clear()
        if self._answering is not None:
            self._answering.cut(LEFT)
        self.resume_writing()
        if self._answering is None:
            self._close_socket()

    def data_received(self, data: bytes) -> None:
        """Parse what came; begin to answer unless an answer is under way."""
        if self._lingering or self._at_end:
            return
        self._head_bytes += len(data)
        try:
            self._parser.feed_data(data)
        except httptools.HttpParserUpgrade:
            self._at_end = True  # the request stands, and is answered as if it had not asked for more
        except httptools.HttpParserCallbackError:
            raise  # a bug of ours
        except httptools.HttpParserError:
            self._reject(_BAD_REQUEST)
        if self._head_bytes > MAX_HEAD_BYTES:
            self._reject(_HEAD_TOO_LARGE)
        elif self._body_bytes > MAX_BODY_BYTES:
            self._reject(_TOO_LARGE)
        self._advance()

    def eof_received(self) -> bool:
        """The client will send no more. It may still be reading: finish what it asked for."""
        self._at_end = True
        self._quiet_since = self._server.loop.time()
        return self._answering is not None or bool(self._ahead)

    def pause_writing(self) -> None:
        """The kernel took less than was written."""
        if self.flow is None:
            self.flow = self._server.loop.create_future()

    def resume_writing(self) -> None:
        """The kernel has taken everything."""
        flow, self.flow = self.flow, None
        if flow is not None and not flow.done():
            flow.set_result(None)
        self._advance()

    # --- the parser's side ---

    def on_message_begin(self) -> None:
        """The first byte of a request: its head has to follow within the limit."""
        self._quiet_since = self._server.loop.time()

    def on_url(self, url: bytes) -> None:
        """A part of the request target."""
        self._url += url

    def on_header(self, name: bytes, value: bytes) -> None:
        """A whole header."""
        self._headers.append((name.lower(), value))

    def on_headers_complete(self) -> None:
        """What follows is a body, or the next request."""
        self._head_bytes = 0

    def on_body(self, body: bytes) -> None:
        """A part of a body, which nobody wants."""
        self._body_bytes += len(body)
        self._head_bytes = 0

    def on_message_complete(self) -> None:
        """A request is whole."""
        parser = self._parser
        version = parser.get_http_version()
        asked = Asked(
            parser.get_method().decode("latin-1"),
            _raw_path(self._url),
            self._headers,
            keep_alive=parser.should_keep_alive(),
            http_1_0=version == "1.0",
        )
        self._url, self._headers = b"", []
        self._head_bytes = self._body_bytes = 0
        if self._at_end:
            return
        # RFC 9112, 3.2: "A server MUST respond with a 400 ... to any HTTP/1.1 request message that
        # lacks a Host header field".
        has_host = asked.http_1_0 or any(name == b"host" for name, _ in asked.headers)
        self._ahead.append(asked if has_host else _BAD_REQUEST)
        self._at_end = not (asked.keep_alive and has_host)

    # --- answering ---

    @property
    def socket(self) -> socket.socket:
        """The connection's socket under a second descriptor: the event loop guards its own."""
        if self._socket is None:
            descriptor = self.transport.get_extra_info("socket").fileno()
            self._socket = socket.fromfd(descriptor, socket.AF_INET, socket.SOCK_STREAM)
            self._socket.settimeout(0)
        return self._socket

    @property
    def server(self) -> Http1Server:
        """The server that it belongs to."""
        return self._server

    def close_when_idle(self) -> None:
        """Take no further request."""
        self._at_end = True
        if self._answering is None and not self._ahead:
            self.transport.close()

    def _advance(self) -> None:
        """Answer the requests that wait, as far as that can be done now."""
        while self._ahead and self._answering is None and self.flow is None:
            asked = self._ahead.popleft()
            if isinstance(asked, int):
                self._refuse(asked)
                return
            self._begin(asked)
        self._mind_reading()

    def _begin(self, asked: Asked) -> None:
        server = self._server
        caller = server.edge.callers.caller(self._peer, "http", asked.headers)
        exchange = Http1Exchange(self, asked, caller, closes=self._closes_after(asked))
        found = server.edge.recall(exchange)
        if found is not None:
            self.transport.write(exchange.whole(*found))
            server.edge.record(exchange)
            self._ended(exchange)
            return
        self._answering = exchange
        self._task = server.loop.create_task(self._answer(exchange))

    async def _answer(self, exchange: Http1Exchange) -> None:
        try:
            await self._server.edge.answer(exchange)
        finally:
            self._answering = None
            if exchange.aborted or not exchange.status:
                # A clean end would be taken for the end of the answer.
                self.transport.abort()
            if self.transport.is_closing():
                self._close_socket()
        if not self.transport.is_closing():
            self._ended(exchange)
            self._advance()

    def _ended(self, exchange: Http1Exchange) -> None:
        self._quiet_since = self._server.loop.time()
        if exchange.closes:
            self._ahead.clear()
            self._at_end = True
            self.transport.close()

    def _closes_after(self, asked: Asked) -> bool:
        return not asked.keep_alive or self._server.draining or (self._at_end and not self._ahead)

    def _close_socket(self) -> None:
        if self._socket is not None:
            self._socket.close()
            self._socket = None

    def _reject(self, status: int) -> None:
        if not self._at_end:
            self._ahead.append(status)
            self._at_end = True

    def _refuse(self, status: int) -> None:
        """Answer what is no proper request, and close without losing that answer.

        Closing while the client still sends would reset the connection before it has read anything.
        """
        self.transport.write(refusal(status, self._server.date_line))
        self._lingering = True
        self._quiet_since = self._server.loop.time()
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


def _raw_path(url: bytes) -> bytes:
    """Return the path of a request target, in origin or absolute form, without its query."""
    path = url.partition(b"?")[0]
    if path.startswith(b"/"):
        return path
    _, found, rest = path.partition(b"://")
    return b"/" + rest.partition(b"/")[2] if found else path
