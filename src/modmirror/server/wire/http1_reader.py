"""From bytes to requests of HTTP/1.1, by llhttp in its strict mode. Knows no connection and no clock."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import httptools

if TYPE_CHECKING:
    from collections.abc import Callable

MAX_HEAD_BYTES = 65_536
MAX_BODY_BYTES = 65_536
"""A request that is refused anyway may have a body; what is longer is not waited for."""

BAD_REQUEST: Final = 400
TOO_LARGE: Final = 413
HEAD_TOO_LARGE: Final = 431

MOST_FAMILIAR = 2_048
"""Requests that are known by their bytes; together they cost a few megabytes."""
FAMILIAR_BYTES = 512
"""Those of the go command are half as long."""

_METHODS = {b"GET": "GET", b"HEAD": "HEAD"}
_SECRETS = frozenset({b"authorization", b"cookie", b"proxy-authorization"})
"""What is in them is not kept longer than a request lasts."""


class Asked:
    """A request that has arrived whole."""

    __slots__ = ("headers", "http_1_0", "keep_alive", "method", "plain", "raw_path")

    def __init__(
        self, method: str, raw_path: bytes, headers: dict[bytes, bytes], *, keep_alive: bool, plain: bool
    ) -> None:
        self.method = method
        self.raw_path = raw_path
        """Percent-encoded, without the query."""
        self.headers = headers
        """Names in lower case; lines of one name joined by commas."""
        self.keep_alive = keep_alive
        """The client wants to send more on this connection."""
        self.plain = plain
        """HTTP/1.1 without wishes about the connection: all but a few requests."""
        self.http_1_0 = False


class Familiar:
    """Requests that came before, by all of their bytes: the same bytes are the same request.

    Clients ask for what is hot in the same words again and again, and reading those costs more than
    answering them. Shared by connections, which MUST NOT change what they find here.
    """

    __slots__ = ("_known", "find")

    def __init__(self) -> None:
        self._known: dict[bytes, Asked] = {}
        self.find = self._known.get
        """Return the request that these bytes are, if it is known."""

    def remember(self, data: bytes, asked: Asked) -> None:
        """Know ``asked`` by its bytes from now on. They MUST be the whole of it and nothing else."""
        if len(data) > FAMILIAR_BYTES or not asked.plain or not _SECRETS.isdisjoint(asked.headers):
            return
        if len(self._known) >= MOST_FAMILIAR:
            self._known.clear()  # what is asked for often is back at once
        self._known[data] = asked


class RequestReader:
    """Feeds on bytes and gives each request to ``take``. Methods named ``on_`` are called by the parser."""

    __slots__ = (
        "_body_bytes",
        "_complete",
        "_familiar",
        "_head_bytes",
        "_headers",
        "_open",
        "_oversized",
        "_parser",
        "_take",
        "_url",
        "finished",
    )

    def __init__(self, take: Callable[[Asked], None], familiar: Familiar | None = None) -> None:
        self._take = take
        self._familiar = familiar or Familiar()
        self._open = False
        """The parser is within a request."""
        self._complete: list[Asked] = []
        """What ended in the bytes that are being read."""
        self._parser = httptools.HttpRequestParser(self)
        self._url = b""
        self._headers: dict[bytes, bytes] = {}
        self._head_bytes = 0
        self._body_bytes = 0
        self._oversized = False
        """A head came whole and at once, and was too large all the same."""
        self.finished = False
        """No request will follow."""

    @property
    def partial(self) -> bool:
        """Whether a request has begun and not ended."""
        return bool(self._head_bytes or self._body_bytes)

    def feed(self, data: bytes) -> int:
        """Read what came; return 0, or the status with which to refuse what is no proper request."""
        between = not self._open
        if between and (asked := self._familiar.find(data)) is not None:
            # The parser stands between two requests, and stays there.
            self._head_bytes = 0
            self._take(asked)
            return 0
        status = self._read(data)
        whole = between and not (self._open or status or self.finished)
        if whole and len(self._complete) == 1:
            self._familiar.remember(data, self._complete[0])
        self._complete.clear()
        return status

    def _read(self, data: bytes) -> int:
        self._head_bytes += len(data)
        try:
            self._parser.feed_data(data)
        except httptools.HttpParserUpgrade:
            self.finished = True  # the request stands, and is answered as if it had not asked for more
        except httptools.HttpParserCallbackError:
            raise  # a bug of ours
        except httptools.HttpParserError:
            return BAD_REQUEST
        if self._oversized or self._head_bytes > MAX_HEAD_BYTES:
            return HEAD_TOO_LARGE
        return TOO_LARGE if self._body_bytes > MAX_BODY_BYTES else 0

    def on_message_begin(self) -> None:
        """Take note that a request has begun."""
        self._open = True

    def on_url(self, url: bytes) -> None:
        """Take a part of the request target."""
        self._url += url

    def on_header(self, name: bytes, value: bytes) -> None:
        """Take a whole header."""
        name = name.lower()
        headers = self._headers
        if name in headers:
            # RFC 9110, 5.3: lines of one name are one list.
            value = headers[name] + b", " + value
        headers[name] = value

    def on_body(self, body: bytes) -> None:
        """Take a part of a body, which nobody wants."""
        self._body_bytes += len(body)
        self._head_bytes = 0

    def on_message_complete(self) -> None:
        """Put a request together."""
        self._open = False
        headers, url = self._headers, self._url
        self._headers, self._url = {}, b""
        if self._head_bytes > MAX_HEAD_BYTES and _size(url, headers) > MAX_HEAD_BYTES:
            self._oversized = True
        self._head_bytes = self._body_bytes = 0
        if self._oversized:
            return
        parser = self._parser
        method = parser.get_method()
        keep_alive = parser.should_keep_alive()
        asked = Asked(
            _METHODS.get(method) or method.decode("latin-1"),
            raw_path(url),
            headers,
            keep_alive=keep_alive,
            plain=keep_alive and b"connection" not in headers and b"host" in headers,
        )
        if not asked.plain:
            # Only asked for now: the parser makes a string of it each time.
            asked.http_1_0 = parser.get_http_version() == "1.0"
        self._complete.append(asked)
        self._take(asked)


def _size(url: bytes, headers: dict[bytes, bytes]) -> int:
    return len(url) + sum(len(name) + len(value) for name, value in headers.items())


def raw_path(url: bytes) -> bytes:
    """Return the path of a request target, in origin or absolute form, without its query."""
    path = url.partition(b"?")[0]
    if path.startswith(b"/"):
        return path
    _, found, rest = path.partition(b"://")
    return b"/" + rest.partition(b"/")[2] if found else path
