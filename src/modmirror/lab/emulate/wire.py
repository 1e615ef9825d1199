"""HTTP/1.1 of the emulated mirror: requests in, heads out, and the part of a body that Range asks for."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass, replace
from http import HTTPStatus
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import httptools

if TYPE_CHECKING:
    import asyncio

    from modmirror.lab.emulate.content import Answer

_READ_BYTES = 65_536
_MOST_BODY = 1 << 20
"""Nobody has a reason to send more: mirrors are asked by GET, the shaper by short JSON."""
_FROM = re.compile(r"bytes=(\d+)-(\d*)")
_OK, _PARTIAL = 200, 206


@dataclass(frozen=True, slots=True)
class Request:
    """What a client asked."""

    method: str
    path: str
    """Still percent-encoded, without the query."""
    headers: dict[str, str]
    """Names in lower case."""
    keep_alive: bool
    body: bytes = b""


class RequestReader:
    """Requests of one connection, one after the other."""

    def __init__(self, reader: asyncio.StreamReader) -> None:
        self._reader = reader
        self._parser = httptools.HttpRequestParser(self)
        self._target = b""
        self._headers: dict[str, str] = {}
        self._body = b""
        self._whole: list[Request] = []

    async def next(self) -> Request | None:
        """Return the next request; None when the client is done or sends what is no HTTP."""
        while not self._whole:
            data = await self._reader.read(_READ_BYTES)
            if not data:
                return None
            try:
                self._parser.feed_data(data)
            except httptools.HttpParserError:
                return None
        return self._whole.pop(0)

    # httptools calls these by name.

    def on_message_begin(self) -> None:
        """Forget the request before."""
        self._target, self._headers, self._body = b"", {}, b""

    def on_url(self, url: bytes) -> None:
        """Gather the request target, which may come in pieces."""
        self._target += url

    def on_header(self, name: bytes, value: bytes) -> None:
        """Gather one header."""
        self._headers[name.decode("latin-1").lower()] = value.decode("latin-1")

    def on_body(self, data: bytes) -> None:
        """Gather the body. Raises ValueError, which ends the connection, when it is too large."""
        self._body += data
        if len(self._body) > _MOST_BODY:
            raise ValueError("the body of a request is too large")

    def on_message_complete(self) -> None:
        """Put the request into the queue."""
        method = self._parser.get_method().decode("latin-1")
        path = urlsplit(self._target.decode("latin-1")).path
        keep = self._parser.should_keep_alive()
        self._whole.append(Request(method, path, self._headers, keep, self._body))


def head_of(answer: Answer, length: int | None) -> bytes:
    """Return status line and headers; without a length, the body comes in chunks."""
    size = "Transfer-Encoding: chunked" if length is None else f"Content-Length: {length}"
    lines = [
        f"HTTP/1.1 {answer.status} {HTTPStatus(answer.status).phrase}",
        f"Content-Type: {answer.content_type}",
        size,
        *(f"{name}: {value}" for name, value in answer.headers),
    ]
    return "\r\n".join([*lines, "", ""]).encode("latin-1")


def part_of(answer: Answer, request: Request) -> Answer:
    """Return the part that the request's Range asks for, from a whole answer that never changes."""
    if answer.status != _OK or answer.content_type != "application/zip":
        return answer
    tag = f'"{hashlib.sha256(answer.body).hexdigest()[:16]}"'
    whole = replace(answer, headers=(*answer.headers, ("Accept-Ranges", "bytes"), ("ETag", tag)))
    asked = _FROM.fullmatch(request.headers.get("range", ""))
    if not asked or request.headers.get("if-range", tag) != tag:
        return whole
    first, last = int(asked[1]), min(int(asked[2] or len(answer.body)), len(answer.body) - 1)
    if first > last:
        return whole
    span = ("Content-Range", f"bytes {first}-{last}/{len(answer.body)}")
    return replace(
        whole, status=_PARTIAL, body=answer.body[first : last + 1], headers=(*whole.headers, span)
    )
