"""The edge as an ASGI application: for granian, which speaks TLS and HTTP/2, and for any other server.

Such a server keeps pieces of an answer in a queue and in a write buffer, so a slow client costs several
pieces: they get smaller as more answers run. And once a client is gone its ``send`` neither raises nor
waits, so somebody has to listen for the end of the connection.
"""

from __future__ import annotations

from asyncio import get_running_loop, sleep
from typing import TYPE_CHECKING, Any, TypeAlias

from modmirror.server.exchange import LEFT, STALLED, YIELD_BYTES, Exchange
from modmirror.server.wire.pieces import MIN_PIECE_BYTES, growing_pieces, piece_bytes, stored_pieces

if TYPE_CHECKING:
    from asyncio import AbstractEventLoop, Task, TimerHandle
    from collections.abc import AsyncIterator, Awaitable, Callable, Iterable

    from modmirror.proxy.served import Growing
    from modmirror.server.app import Edge
    from modmirror.server.conditional import Span
    from modmirror.server.forwarded import Caller
    from modmirror.server.headers import Headers
    from modmirror.storage.port import OpenBlob

Scope: TypeAlias = dict[str, Any]
Receive: TypeAlias = "Callable[[], Awaitable[dict[str, Any]]]"
Send: TypeAlias = "Callable[[dict[str, Any]], Awaitable[None]]"

WATCH_AFTER = 0.1
"""Seconds after which a client is watched. Most answers are over sooner and never pay for it."""
COPIES = 10
"""Pieces that an answer to a stalled client keeps alive, measured with granian: in its queue, in its write
buffer, in the application, and what the allocator holds on to."""


class AnswerCut(Exception):
    """Leaves the application so that the server breaks the connection: no client may see a clean end."""


class AsgiApp:
    """What an ASGI server calls."""

    def __init__(self, edge: Edge, stall_limit: float) -> None:
        """Drop a client that has taken nothing for ``stall_limit`` seconds, or twice that at the most."""
        self._edge = edge
        self._stall_limit = stall_limit
        self._open: set[AsgiExchange] = set()
        self._sweep: TimerHandle | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request. Raises AnswerCut when the answer had to be broken off."""
        if scope["type"] != "http":
            return
        peer = scope["client"]
        headers = _joined(scope["headers"])
        edge = self._edge
        caller = edge.callers.caller(peer[0] if peer else "", scope["scheme"], headers)
        exchange = AsgiExchange(scope, headers, caller, receive, send)
        exchange.started, exchange.arrived = edge.ticks(), edge.now()
        exchange.piece_bytes = self._piece_bytes
        found = edge.recall(exchange.method, exchange.raw_path, headers)
        if found is not None:
            status, head, body, prepared = found
            exchange.kind, exchange.cache = prepared.subject.kind, prepared.cache
            exchange.upstream = prepared.upstream
            await exchange.send_whole(status, head, body)
            edge.record(exchange)
            return
        self._enter(exchange)
        try:
            await self._edge.answer(exchange)
        finally:
            self._open.discard(exchange)
            exchange.unwatch()
        if exchange.aborted and exchange.status:
            raise AnswerCut(exchange.aborted)

    def busy_clients(self) -> set[tuple[str, int]]:
        """Return address and port of the clients that wait for an answer."""
        return {(peer[0], int(peer[1])) for each in self._open if (peer := each.peer)}

    def _piece_bytes(self) -> int:
        return piece_bytes(len(self._open), COPIES)

    def _enter(self, exchange: AsgiExchange) -> None:
        self._open.add(exchange)
        if self._sweep is None:
            self._schedule_sweep()
        exchange.watch()

    def _schedule_sweep(self) -> None:
        self._sweep = get_running_loop().call_later(self._stall_limit / 2, self._drop_stalled)

    def _drop_stalled(self) -> None:
        """Cut off clients that block their answer for too long.

        On TCP the kernel does so first (see listen.py); this is for HTTP/2, where a connection may live on
        while one of its streams is stuck. A send waits for room for a whole piece, of which a very slow
        client may have taken some: hence half as long again.
        """
        self._sweep = None
        latest = get_running_loop().time() - 1.5 * self._stall_limit
        for exchange in list(self._open):
            if exchange.blocked_since is not None and exchange.blocked_since < latest:
                exchange.cut(STALLED)
        if self._open:
            self._schedule_sweep()


class AsgiExchange(Exchange):
    """A request that came through an ASGI server."""

    __slots__ = ("_loop", "_receive", "_send", "_timer", "_watcher", "blocked_since", "peer", "piece_bytes")

    def __init__(
        self, scope: Scope, headers: dict[bytes, bytes], caller: Caller, receive: Receive, send: Send
    ) -> None:
        super().__init__(scope["method"], scope["raw_path"], headers, caller)
        self.peer = scope["client"]
        """Address and port of the connection, or None."""
        # granian says "1" where others say "1.0".
        self.http_1_0 = scope["http_version"] in ("1", "1.0")
        self.blocked_since: float | None = None
        """Loop time at which the server last refused to take more, if it still does."""
        self._loop: AbstractEventLoop = get_running_loop()
        self.piece_bytes: Callable[[], int] = lambda: MIN_PIECE_BYTES
        """Says how much to hand over at a time."""
        self._receive = receive
        self._send = send
        self._timer: TimerHandle | None = None
        self._watcher: Task[None] | None = None

    async def send_whole(self, status: int, headers: Headers, body: bytes) -> None:
        """See :class:`Exchange`."""
        await self._start(status, headers)
        if self.method == "HEAD":
            body = b""
        self.sent += len(body)
        await self._send({"type": "http.response.body", "body": body, "more_body": False})

    async def send_stored(self, status: int, headers: Headers, content: OpenBlob, span: Span) -> None:
        """See :class:`Exchange`."""
        await self._start(status, headers)
        await self._send_pieces(stored_pieces(content, span, self.piece_bytes))

    async def send_growing(
        self, headers: Headers, content: Growing, first: bytes, length: int | None
    ) -> None:
        """See :class:`Exchange`."""
        await self._start(200, headers)
        await self._send_pieces(growing_pieces(content, first, length, self.piece_bytes))

    async def _start(self, status: int, headers: Headers) -> None:
        self.status = status
        request_id = (b"x-request-id", self.caller.request_id.encode())
        await self._send(
            {"type": "http.response.start", "status": status, "headers": [*headers.pairs, request_id]}
        )

    async def _send_pieces(self, pieces: AsyncIterator[tuple[bytes, bool]]) -> None:
        unyielding = 0
        async for data, more in pieces:
            self.blocked_since = self._loop.time()
            await self._send({"type": "http.response.body", "body": data, "more_body": more})
            self.blocked_since = None
            self.sent += len(data)
            unyielding += len(data)
            if unyielding >= YIELD_BYTES:
                unyielding = 0
                await sleep(0)

    def watch(self) -> None:
        """Cancel the answering task when the client leaves, from WATCH_AFTER on."""
        self._timer = self._loop.call_later(WATCH_AFTER, self._listen)

    def unwatch(self) -> None:
        """Stop watching: the answer has ended."""
        if self._timer is not None:
            self._timer.cancel()
        if self._watcher is not None:
            self._watcher.cancel()

    def _listen(self) -> None:
        self._watcher = self._loop.create_task(self._await_disconnect())

    async def _await_disconnect(self) -> None:
        while (await self._receive())["type"] != "http.disconnect":
            pass  # a body that nobody asked for
        self.cut(LEFT)


def _joined(lines: Iterable[tuple[bytes, bytes]]) -> dict[bytes, bytes]:
    """Return headers with lines of one name joined by commas (RFC 9110, 5.3)."""
    headers: dict[bytes, bytes] = {}
    for name, value in lines:
        headers[name] = headers[name] + b", " + value if name in headers else value
    return headers
