"""One kept connection of the load generator: sends bytes that were made beforehand, and counts the answer.

Bodies are framed by Content-Length or in chunks; one that ends with its connection counts as truncated.
"""

from __future__ import annotations

import asyncio
import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol, cast

from httptools import HttpParserError, HttpResponseParser

if TYPE_CHECKING:
    from collections.abc import Callable

    from modmirror.lab.load.job import Ask
    from modmirror.measure.sample import Outcome

_OK, _CLIENT_ERROR, _SERVER_ERROR = 200, 400, 500


@dataclass(slots=True)
class Exchange:
    """One request that is under way."""

    ask: Ask
    intended: float
    sent: float
    hashed: bool
    """Whether the content is looked at, beyond its length."""


class Owner(Protocol):
    """Whoever gives requests to lanes."""

    def answered(self, lane: Lane, exchange: Exchange, outcome: Outcome, status: int) -> None:
        """Hear of an exchange's end. The lane takes another request when it is ``open``."""
        ...

    def lost(self, lane: Lane) -> None:
        """Hear that an idle connection was closed by the server."""
        ...


class Lane(asyncio.Protocol):
    """One connection, one request at a time."""

    def __init__(self, owner: Owner, now: Callable[[], float]) -> None:
        self.open = False
        self.exchange: Exchange | None = None
        self._owner = owner
        self._now = now
        self._parser = HttpResponseParser(self)
        self._size = 0
        self._hash = hashlib.sha256()
        self._complete = False
        self._kept = False

    def ask(self, ask: Ask, intended: float, *, hashed: bool) -> None:
        """Send a request."""
        self._size, self._complete = 0, False
        if hashed:
            self._hash = hashlib.sha256()
        self.exchange = Exchange(ask, intended, self._now(), hashed)
        self._transport.write(ask.payload)

    def give_up(self) -> None:
        """End the connection; what is under way took too long."""
        self._end("timeout")

    def close(self) -> None:
        """End the connection without a word to the owner."""
        self.open, self.exchange = False, None
        self._transport.abort()

    # --- asyncio calls these ---

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Take the connection."""
        # uvloop's is one without saying so.
        self._transport = cast("asyncio.WriteTransport", transport)
        self.open = True

    def data_received(self, data: bytes) -> None:
        """Read on in the answer."""
        if self.exchange is None:
            if self.open:  # words that nobody asked for
                self.close()
                self._owner.lost(self)
            return
        try:
            self._parser.feed_data(data)
        except HttpParserError:
            self._end("protocol")
            return
        if self._complete:
            self._settle(self.exchange)

    def connection_lost(self, exc: Exception | None) -> None:
        """Hear of the end."""
        del exc
        if self.exchange is not None:
            self._end("truncated" if self._size else "reset")
        elif self.open:
            self.open = False
            self._owner.lost(self)

    # --- httptools calls these ---

    def on_body(self, data: bytes) -> None:
        """Count the body."""
        self._size += len(data)
        if self.exchange is not None and self.exchange.hashed:
            self._hash.update(data)

    def on_message_complete(self) -> None:
        """Note the end of the answer."""
        # Interim answers (1xx) end too; they are none.
        self._complete = self._parser.get_status_code() >= _OK
        self._kept = self._parser.should_keep_alive()  # it is known only in here

    def _settle(self, exchange: Exchange) -> None:
        self.exchange = None
        status = self._parser.get_status_code()
        if not self._kept:
            self.close()
        self._owner.answered(self, exchange, self._judged(exchange, status), status)

    def _judged(self, exchange: Exchange, status: int) -> Outcome:
        if status >= _SERVER_ERROR:
            return "5xx"
        if status >= _CLIENT_ERROR:
            return "4xx"
        if status != _OK:
            return "protocol"
        if self._size != exchange.ask.size:
            return "mismatch"
        if exchange.hashed and self._hash.hexdigest() != exchange.ask.digest:
            return "mismatch"
        return "ok"

    def _end(self, outcome: Outcome) -> None:
        exchange = self.exchange
        assert exchange is not None  # noqa: S101  # the callers looked
        self.close()
        self._owner.answered(self, exchange, outcome, 0)
