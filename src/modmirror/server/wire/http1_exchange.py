"""An answer of HTTP/1.1 on its way to one client."""

from __future__ import annotations

import asyncio
import socket
from http import HTTPStatus
from typing import TYPE_CHECKING

from modmirror.server.exchange import LEFT, YIELD_BYTES, ClientGone, Exchange
from modmirror.server.wire.pieces import growing_pieces, piece_bytes, stored_pieces
from modmirror.server.wire.sockets import send_file

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from modmirror.proxy.served import Growing
    from modmirror.server.conditional import Span
    from modmirror.server.forwarded import Caller
    from modmirror.server.headers import Headers
    from modmirror.server.wire.http1 import Asked, Connection
    from modmirror.storage.port import OpenBlob

COPIES = 2
"""Pieces that an answer to a stalled client keeps alive: the one in the transport, the one in hand."""

_STATUS_LINES = {each.value: f"HTTP/1.1 {each.value} {each.phrase}\r\n".encode() for each in HTTPStatus}
# Linux only; elsewhere the head simply travels in a packet of its own.
_MORE = getattr(socket, "MSG_MORE", 0)


class Http1Exchange(Exchange):
    """A request that came through :mod:`modmirror.server.wire.http1`."""

    __slots__ = ("_connection", "blocked", "closes")

    def __init__(self, connection: Connection, asked: Asked, caller: Caller, *, closes: bool) -> None:
        super().__init__(asked.method, asked.raw_path, dict(asked.headers), caller)
        self.http_1_0 = asked.http_1_0
        self.closes = closes
        """The connection ends with this answer."""
        self.blocked = False
        """The client is waited for."""
        self._connection = connection

    async def send_whole(self, status: int, headers: Headers, body: bytes) -> None:
        """See :class:`Exchange`."""
        self._connection.transport.write(self.whole(status, headers, body))
        await self._drain()

    async def send_stored(self, status: int, headers: Headers, content: OpenBlob, span: Span) -> None:
        """See :class:`Exchange`."""
        head = self._head(status, headers.block)
        descriptor = content.descriptor
        if descriptor is None:
            self._connection.transport.write(head)
            await self._send_pieces(stored_pieces(content, span, self._piece_bytes), chunked=False)
            return
        try:
            await self._send_ahead(head)
            await send_file(
                self._connection.socket, content, descriptor, span, self._count, self._set_blocked
            )
        except ConnectionError as error:
            self.aborted = self.aborted or LEFT
            raise ClientGone from error

    async def send_growing(
        self, headers: Headers, content: Growing, first: bytes, length: int | None
    ) -> None:
        """See :class:`Exchange`."""
        chunked = length is None
        block = headers.block + b"transfer-encoding: chunked\r\n" if chunked else headers.block
        self._connection.transport.write(self._head(200, block))
        server = self._connection.server
        server.streams += 1
        try:
            pieces = growing_pieces(content, first, length, self._piece_bytes)
            await self._send_pieces(pieces, chunked=chunked)
        finally:
            server.streams -= 1

    def whole(self, status: int, headers: Headers, body: bytes) -> bytes:
        """Return an answer as it goes over the wire, and count its body as sent."""
        if self.method == "HEAD":
            body = b""
        self.sent += len(body)
        return self._head(status, headers.block) + body

    def _head(self, status: int, block: bytes) -> bytes:
        self.status = status
        persistence = b"connection: close\r\n" if self.closes else b""
        if self.http_1_0 and not self.closes:
            persistence = b"connection: keep-alive\r\n"
        return b"%b%b%b%bx-request-id: %b\r\n\r\n" % (
            _STATUS_LINES[status],
            block,
            self._connection.server.date_line,
            persistence,
            self.caller.request_id.encode(),
        )

    async def _send_ahead(self, head: bytes) -> None:
        """Send the head in a way that lets the file join it in the same packet."""
        sent = 0
        if self._connection.flow is None:
            try:
                sent = self._connection.socket.send(head, _MORE)
            except BlockingIOError:
                sent = 0
        if sent < len(head):
            self._connection.transport.write(head[sent:])
            await self._drain()

    async def _send_pieces(self, pieces: AsyncIterator[tuple[bytes, bool]], *, chunked: bool) -> None:
        transport = self._connection.transport
        turn = 0
        async for data, more in pieces:
            if chunked:
                end = b"" if more else b"0\r\n\r\n"
                frame = b"%x\r\n%b\r\n%b" % (len(data), data, end) if data else end
                transport.write(frame)
            else:
                transport.write(data)
            self.sent += len(data)
            turn += len(data)
            if self._connection.flow is not None:
                await self._drain()
                turn = 0
            elif turn >= YIELD_BYTES:
                turn = 0
                await asyncio.sleep(0)

    async def _drain(self) -> None:
        """Wait until the kernel has taken everything."""
        flow = self._connection.flow
        if flow is not None:
            self.blocked = True
            try:
                await flow
            finally:
                self.blocked = False

    def _piece_bytes(self) -> int:
        return piece_bytes(self._connection.server.streams, COPIES)

    def _count(self, sent: int) -> None:
        self.sent += sent

    def _set_blocked(self, blocked: bool) -> None:  # noqa: FBT001 - a callback takes what it takes
        self.blocked = blocked


def refusal(status: int, date_line: bytes) -> bytes:
    """Return the answer to what is no proper request, after which the connection ends."""
    body = f"{HTTPStatus(status).phrase.lower()}\n".encode()
    return (
        b"%bcontent-type: text/plain; charset=utf-8\r\ncontent-length: %d\r\n%bconnection: close\r\n\r\n%b"
        % (_STATUS_LINES[status], len(body), date_line, body)
    )
