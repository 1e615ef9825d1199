"""An exchange without a wire: it remembers what it was told to send."""

from __future__ import annotations

from typing import TYPE_CHECKING

from modmirror.server.exchange import Exchange
from modmirror.server.forwarded import Caller
from modmirror.server.wire.pieces import growing_pieces, stored_pieces

if TYPE_CHECKING:
    from modmirror.proxy.served import Growing
    from modmirror.server.conditional import Span
    from modmirror.server.headers import Headers
    from modmirror.storage.port import OpenBlob

CALLER = Caller("192.0.2.1", "id-1", "http")


class RecordingExchange(Exchange):
    """Keeps the answer for the test to look at."""

    def __init__(self, path: str, method: str = "GET", **headers: str) -> None:
        named = {key.replace("_", "-").encode(): value.encode() for key, value in headers.items()}
        super().__init__(method, path.encode(), named, CALLER)
        self.pairs: tuple[tuple[bytes, bytes], ...] = ()
        self.body = b""
        self.part: Span | None = None
        self.before_send: Exception | None = None
        """Raised by the first attempt to send anything."""

    @property
    def answer_headers(self) -> dict[str, str]:
        return {name.decode(): value.decode("latin-1") for name, value in self.pairs}

    async def send_whole(self, status: int, headers: Headers, body: bytes) -> None:
        self._begin(status, headers)
        self.body = b"" if self.is_head else body
        self.sent += len(self.body)

    async def send_stored(self, status: int, headers: Headers, content: OpenBlob, span: Span) -> None:
        self._begin(status, headers)
        self.part = span
        async for data, _ in stored_pieces(content, span, lambda: 7):
            self.body += data
            self.sent += len(data)

    async def send_growing(
        self, headers: Headers, content: Growing, first: bytes, length: int | None
    ) -> None:
        self._begin(200, headers)
        async for data, _ in growing_pieces(content, first, length, lambda: 7):
            self.body += data
            self.sent += len(data)

    def _begin(self, status: int, headers: Headers) -> None:
        if self.before_send is not None:
            raise self.before_send
        self.status = status
        self.pairs = headers.pairs
