"""An answer of HTTP/1.1 on its way to one client."""

from __future__ import annotations

import asyncio
from http import HTTPStatus
from typing import TYPE_CHECKING

from modmirror.server.exchange import LEFT, YIELD_BYTES, ClientGone, Exchange
from modmirror.server.wire.pieces import growing_pieces, piece_bytes, stored_pieces
from modmirror.server.wire.sockets import FileSender

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from modmirror.proxy.served import Growing
    from modmirror.server.conditional import Span
    from modmirror.server.forwarded import Caller
    from modmirror.server.headers import Headers
    from modmirror.server.wire.http1_line import Line
    from modmirror.server.wire.http1_reader import Asked
    from modmirror.storage.port import OpenBlob

COPIES = 2
"""Pieces that an answer to a stalled client keeps alive: the one in the transport, the one in hand."""

STATUS_LINES = {each.value: f"HTTP/1.1 {each.value} {each.phrase}\r\n".encode() for each in HTTPStatus}


class Http1Exchange(Exchange):
    """A request that came through :mod:`modmirror.server.wire.http1`."""

    __slots__ = ("_connection", "_sender", "_waiting", "closes")

    def __init__(self, connection: Line, asked: Asked, caller: Caller, *, closes: bool) -> None:
        super().__init__(asked.method, asked.raw_path, asked.headers, caller)
        self.http_1_0 = asked.http_1_0
        self.closes = closes
        """The connection ends with this answer."""
        self._connection = connection
        self._waiting = False
        self._sender: FileSender | None = None

    @property
    def blocked(self) -> bool:
        """Whether the client is waited for."""
        return self._waiting or (self._sender is not None and self._sender.blocked)

    async def send_whole(self, status: int, headers: Headers, body: bytes) -> None:
        """See :class:`Exchange`."""
        if self.method == "HEAD":
            body = b""
        self.sent += len(body)
        self._connection.transport.write(self._head(status, headers.block) + body)
        await self.drain()

    async def send_stored(self, status: int, headers: Headers, content: OpenBlob, span: Span) -> None:
        """See :class:`Exchange`."""
        head = self._head(status, headers.block)
        if content.descriptor is None:
            self._connection.transport.write(head)
            await self._send_pieces(stored_pieces(content, span, self._piece_bytes), chunked=False)
            return
        await self._flush_head(head)
        await self.send_file(FileSender(self._connection.socket, content, span.start, span.stop))

    async def send_file(self, sender: FileSender) -> None:
        """Send what is left of a file; its head is on its way already."""
        self._sender = sender
        begun = sender.offset
        try:
            await sender.send_rest()
        except ConnectionError as error:
            self.aborted = self.aborted or LEFT
            raise ClientGone from error
        finally:
            self.sent += sender.offset - begun
            self._sender = None

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

    def start(self, status: int, headers: Headers) -> bytes:
        """Return the head of an answer that begins now."""
        return self._head(status, headers.block)

    def _head(self, status: int, block: bytes) -> bytes:
        self.status = status
        persistence = b"connection: close\r\n" if self.closes else b""
        if self.http_1_0 and not self.closes:
            persistence = b"connection: keep-alive\r\n"
        # What differs from request to request comes last: the rest is made ahead of time.
        return b"".join(
            (
                STATUS_LINES[status],
                block,
                persistence,
                self._connection.server.date_and_id,
                self.caller.request_id.encode(),
                b"\r\n\r\n",
            )
        )

    async def _flush_head(self, head: bytes) -> None:
        """Send the head in a way that lets the file join it in the same packet."""
        sent = self._connection.send_more(head)
        if sent < len(head):
            self._connection.transport.write(head[sent:])
            await self.drain()

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
                await self.drain()
                turn = 0
            elif turn >= YIELD_BYTES:
                turn = 0
                await asyncio.sleep(0)

    async def drain(self) -> None:
        """Wait until the kernel has taken everything."""
        flow = self._connection.flow
        if flow is not None:
            self._waiting = True
            try:
                await flow
            finally:
                self._waiting = False

    def _piece_bytes(self) -> int:
        return piece_bytes(self._connection.server.streams, COPIES)


def refusal(status: int, date_line: bytes) -> bytes:
    """Return the answer to what is no proper request, after which the connection ends."""
    body = f"{HTTPStatus(status).phrase.lower()}\n".encode()
    return (
        b"%bcontent-type: text/plain; charset=utf-8\r\ncontent-length: %d\r\n%bconnection: close\r\n\r\n%b"
        % (STATUS_LINES[status], len(body), date_line, body)
    )
