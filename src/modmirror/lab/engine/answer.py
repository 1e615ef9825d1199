"""Reads one HTTP/1.1 answer from bytes: status, headers, body, and where it ends. No sockets, no clock."""

from __future__ import annotations

from httptools import HttpParserError, HttpResponseParser

from modmirror.lab.engine.failures import AnswerBroken

MAX_HEAD = 256 << 10
"""Bytes of status line and headers, about what Go's client allows (protocol.md names none)."""

_BODILESS = {204, 304}


class AnswerReader:
    """Feed it what arrives until :attr:`complete`."""

    def __init__(self, method: str) -> None:
        self._method = method
        self._parser = HttpResponseParser(self)
        self._head_size = 0
        self._has_head = False
        self._pieces: list[bytes] = []
        self.status = 0
        self.headers: dict[str, str] = {}
        self.version = ""
        self.complete = False
        self._lasting = False
        self.extra = False
        """Something came after the end: the connection cannot be trusted any more."""

    def feed(self, data: bytes) -> None:
        """Take the next bytes.

        Raises:
            HttpParserError: this is not HTTP.
            AnswerBroken: the head is larger than any client would take.
        """
        if not self._has_head:
            self._head_size += len(data)
        try:
            self._parser.feed_data(data)
        except HttpParserError:
            # What follows a whole answer says nothing about that answer.
            if not self.complete:
                raise
            self.extra = True
        if not self._has_head and self._head_size > MAX_HEAD:
            raise AnswerBroken("protocol", f"headers of more than {MAX_HEAD >> 10} KiB")

    def take(self) -> list[bytes]:
        """Return the pieces of body that came since the last call."""
        pieces, self._pieces = self._pieces, []
        return pieces

    def end(self) -> None:
        """The connection has ended. Raises AnswerBroken unless that ends the answer as well."""
        if not self._has_head:
            raise AnswerBroken("reset", "the connection was closed without an answer")
        if not self._until_end:
            raise AnswerBroken("truncated", "the connection was closed before the end of the body")
        self.complete = True
        self.extra = True

    @property
    def keeps_alive(self) -> bool:
        """Whether the connection can carry another request."""
        return self.complete and not self.extra and self._lasting

    @property
    def _until_end(self) -> bool:
        framed = "content-length" in self.headers or "chunked" in self.headers.get("transfer-encoding", "")
        return not framed

    # --- called by the parser ----------------------------------------------------------------

    def on_message_begin(self) -> None:
        """Another answer begins: the first was complete, or it was an interim one."""
        if self.complete:
            self.extra = True

    def on_header(self, name: bytes, value: bytes) -> None:
        """Keep one header."""
        if self.complete or self._has_head:
            return  # a trailer
        key, text = name.decode("latin-1").lower(), value.decode("latin-1")
        self.headers[key] = f"{self.headers[key]}, {text}" if key in self.headers else text

    def on_headers_complete(self) -> None:
        """The head is there. A HEAD request ends here, whatever the head announces."""
        if self.complete:
            return
        self.status = self._parser.get_status_code()
        self.version = self._parser.get_http_version()
        if self.status < 200:  # noqa: PLR2004 - interim answers
            self.headers.clear()
            return
        self._has_head = True
        if self._method == "HEAD" or self.status in _BODILESS:
            self._end()

    def on_body(self, data: bytes) -> None:
        """Keep a piece of body."""
        if self.complete:
            self.extra = True
        else:
            self._pieces.append(data)

    def on_message_complete(self) -> None:
        """The framing says that this was all."""
        if self._has_head and not self.complete:
            self._end()

    def _end(self) -> None:
        self.complete = True
        # The parser knows it only now: it forgets at the next byte.
        self._lasting = self._parser.should_keep_alive()
