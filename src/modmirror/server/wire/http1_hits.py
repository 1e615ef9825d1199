"""Hits: what can be answered within the callback that brought the request, without a task.

An answer from memory is one write. An open file is one sendfile; only if the client does not take all of it
at once does a task see to the rest.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from modmirror.errors import StorageError
from modmirror.proxy.served import CacheState
from modmirror.server.wire.http1_exchange import STATUS_LINES, Http1Exchange
from modmirror.server.wire.http1_line import Line
from modmirror.server.wire.sockets import FileSender
from modmirror.telemetry.access_log import Entry

if TYPE_CHECKING:
    from collections.abc import Awaitable

    from modmirror.server.openfiles import KeptFile
    from modmirror.server.wire.http1_reader import Asked


class Answering(Line, Protocol):
    """A connection that can go on with an answer in a task."""

    def begin(self, exchange: Http1Exchange, sending: Awaitable[None] | None = None) -> None:
        """Answer in a task: by the edge, or by seeing to the end of ``sending``."""


def answer_now(connection: Answering, asked: Asked) -> bool:
    """Answer a request if memory or an open file will do; return whether it has been seen to.

    The request MUST be one of a connection that stays open, with nothing else under way.
    """
    server = connection.server
    edge = server.edge
    started = edge.ticks()
    found = edge.recall(asked.method, asked.raw_path, asked.headers)
    if found is None:
        return _send_file(connection, asked, started)
    status, headers, body, prepared = found
    if asked.method == "HEAD":
        body = b""
    client, request_id, _ = edge.callers.caller(connection.peer, "http", asked.headers)
    connection.transport.write(
        b"".join(
            (
                STATUS_LINES[status],
                headers.block,
                server.date_and_id,
                request_id.encode(),
                b"\r\n\r\n",
                body,
            )
        )
    )
    entry = Entry(
        edge.now(),
        request_id,
        client,
        asked.method,
        asked.raw_path.decode("latin-1"),
        status,
        len(body),
        edge.ticks() - started,
        prepared.cache,
        prepared.upstream,
        asked.headers.get(b"user-agent", b"").decode("latin-1"),
        "",
    )
    edge.log(prepared.subject.kind, entry)
    return True


def _send_file(connection: Answering, asked: Asked, started: float) -> bool:
    edge = connection.server.edge
    kept = edge.recall_file(asked.raw_path, asked.headers) if asked.method == "GET" else None
    if kept is None:
        return False
    caller = edge.callers.caller(connection.peer, "http", asked.headers)
    exchange = Http1Exchange(connection, asked, caller, closes=False)
    exchange.started, exchange.arrived = started, edge.now()
    exchange.kind, exchange.cache, exchange.upstream = kept.subject.kind, CacheState.HIT, kept.upstream
    kept.hold()
    sender = FileSender(
        connection.socket, kept.content, 0, kept.content.blob.size, warm=kept.is_warm(started)
    )
    if _sent_at_once(connection, exchange.start(200, kept.headers), sender):
        exchange.sent = sender.offset
        kept.let_go()
        edge.record(exchange)
    else:
        exchange.sent = sender.offset
        connection.begin(exchange, _send_rest(exchange, sender, kept))
    return True


def _sent_at_once(connection: Answering, head: bytes, sender: FileSender) -> bool:
    sent = connection.send_more(head)
    if sent < len(head):
        connection.transport.write(head[sent:])
        return False
    try:
        return sender.send_now()
    except (ConnectionError, StorageError):
        return False  # it will happen again to whoever sends the rest, and can be told there


async def _send_rest(exchange: Http1Exchange, sender: FileSender, kept: KeptFile) -> None:
    try:
        await exchange.drain()
        await exchange.send_file(sender)
    finally:
        kept.let_go()
