"""Asks another GOPROXY over HTTP: one GET, redirects followed by hand, the answer as it arrives.

What is known here is the wire; what a status means is not (:mod:`modmirror.protocol.chain`).
"""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pyreqwest.http import Url

from modmirror.errors import UpstreamBadAnswer
from modmirror.upstream.address import is_same_origin, parse_http_address, redirected
from modmirror.upstream.body import Body, Gunzipped
from modmirror.upstream.credentials import Credentials, Scope
from modmirror.upstream.failures import while_asking
from modmirror.upstream.headers import (
    coding_of,
    parse_content_range,
    parse_length,
    parse_retry_after,
    strong_etag,
)
from modmirror.upstream.port import Reply

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from pyreqwest.request import StreamRequest
    from pyreqwest.response import Response

    from modmirror.upstream.clients import HttpClients

MAX_REDIRECTS = 10
"""protocol.md A.15."""
_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_OK = 200
_PARTIAL = 206
_UNAUTHORIZED = 401
_AT_ONCE = 0
"""Bytes gathered before a chunk is handed on: none, or a slow upstream's first bytes would wait."""


@dataclass(frozen=True, slots=True)
class _Open:
    """An answer whose status line has come; ``request`` must be left."""

    request: StreamRequest
    response: Response


class HttpUpstream:
    """A GOPROXY or checksum database below an http or https URL.

    The URL's query goes with every request; its user and password (https only) go to its own origin and
    path, and stand before any of ``credentials``. Connections belong to ``clients``.

    Raises:
        ConfigError: with key ``from``, for a URL that cannot be an upstream.
    """

    def __init__(self, url: str, clients: HttpClients, credentials: Credentials | None = None) -> None:
        self._address = parse_http_address(url)
        self._clients = clients
        self._credentials = credentials or Credentials()
        self._settings = clients.settings
        self._home = Scope.of(Url(self._address.root))
        self.name = self._address.name

    @asynccontextmanager
    async def get(self, path: str, *, offset: int = 0, if_range: str = "") -> AsyncIterator[Reply]:
        """See `modmirror.upstream.port.Upstream.get`."""
        url = self._address.url_of(path)
        headers = {"Accept-Encoding": "identity"}
        if offset:
            headers["Range"] = f"bytes={offset}-"
            if if_range:
                headers["If-Range"] = if_range
        async with self._clients.slots:
            answer = await self._ask(url, headers)
            try:
                yield self._reply(answer.response, offset)
            finally:
                await _leave(answer)

    async def close(self) -> None:
        """Do nothing: idle connections are shared, and closed with the clients."""

    async def _ask(self, url: Url, headers: dict[str, str]) -> _Open:
        with while_asking(self.name, self._settings):
            # One limit for all hops, and ours: the client's own would end with the status line of each.
            async with asyncio.timeout(self._settings.first_byte_timeout):
                return await self._follow(url, headers)

    async def _follow(self, url: Url, headers: dict[str, str]) -> _Open:
        """Ask, and follow redirects. Credentials stay behind once the origin changes."""
        here, at_home, seen = url, True, {str(url)}
        while True:
            answer = await (self._ask_with_secret(here, headers) if at_home else self._open(here, headers))
            location = _header(answer.response, "location")
            if answer.response.status not in _REDIRECTS or not location:
                return answer
            await _leave(answer)
            here = redirected(self.name, here, location)
            at_home = at_home and is_same_origin(here, url)
            if not at_home and self._clients.pinned:
                # Nobody has judged where that host is.
                raise UpstreamBadAnswer(self.name, "redirects to another host, which is not followed here")
            if str(here) in seen:
                raise UpstreamBadAnswer(self.name, "redirects in a circle")
            if len(seen) > MAX_REDIRECTS:
                raise UpstreamBadAnswer(self.name, f"redirects more than {MAX_REDIRECTS} times")
            seen.add(str(here))

    async def _ask_with_secret(self, url: Url, headers: dict[str, str]) -> _Open:
        """Ask with what is known for the URL; after a 401 read the secrets again, once."""
        secret = self._authorization(url)
        answer = await self._open(url, headers, secret)
        if answer.response.status == _UNAUTHORIZED and secret is not None:
            await asyncio.to_thread(self._credentials.reload)
            if (renewed := self._authorization(url)) != secret:
                await _leave(answer)
                return await self._open(url, headers, renewed)
        return answer

    def _authorization(self, url: Url) -> str | None:
        own = self._address.authorization
        if own is not None and self._home.covers(url):
            return own
        return self._credentials.authorization(url)

    async def _open(self, url: Url, headers: dict[str, str], secret: str | None = None) -> _Open:
        builder = self._clients.client.get(url).headers(headers).streamed_read_buffer_limit(_AT_ONCE)
        if secret is not None:
            builder = builder.header("Authorization", secret, is_sensitive=True)
        request = builder.build_streamed()
        return _Open(request, await request.__aenter__())

    def _reply(self, response: Response, offset: int) -> Reply:
        status = response.status
        try:
            length = parse_length(_header(response, "content-length"))
        except ValueError as error:
            raise UpstreamBadAnswer(self.name, "declares a length that is no number") from error
        coding = coding_of(_header(response, "content-encoding", unreadable="unreadable"))
        if status == _PARTIAL:
            return self._part(response, offset, length, coding)
        if coding and coding != "gzip" and status == _OK:
            raise UpstreamBadAnswer(
                self.name, f'sent content coding "{coding[:20]}", which nobody asked for'
            )
        body: AsyncIterator[bytes] = Body(response.body_reader, self.name, self._settings, length)
        if coding == "gzip":
            body, length = Gunzipped(body, self.name), None
        return Reply(
            status=status,
            body=body,
            length=length,
            total=length if status == _OK else None,
            etag="" if coding else strong_etag(_header(response, "etag")),
            # What cannot be unpacked is not shown as text.
            content_type="" if coding not in ("", "gzip") else _header(response, "content-type") or "",
            retry_after=parse_retry_after(
                _header(response, "retry-after"),
                sent=_header(response, "date"),
                now=self._clients.clock(),
            ),
        )

    def _part(self, response: Response, offset: int, length: int | None, coding: str) -> Reply:
        """Describe a 206, or raise UpstreamBadAnswer if it is not the part that was asked for."""
        part = parse_content_range(_header(response, "content-range"))
        if not offset or coding or part is None or part.start != offset:
            raise UpstreamBadAnswer(self.name, "sent another part of the file than was asked for")
        size = part.stop - part.start
        if length not in (None, size):
            raise UpstreamBadAnswer(self.name, "declares one length and a part of another")
        return Reply(
            status=_PARTIAL,
            body=Body(response.body_reader, self.name, self._settings, size),
            length=size,
            start=part.start,
            total=part.total,
            etag=strong_etag(_header(response, "etag")),
            content_type=_header(response, "content-type") or "",
        )


def _header(response: Response, name: str, *, unreadable: str = "") -> str | None:
    """Return a header, ``unreadable`` for one that is not text, None when there is none."""
    try:
        return response.get_header(name)
    except ValueError:
        return unreadable


async def _leave(answer: _Open) -> None:
    """Give the connection back, or drop it if the body was not read to its end."""
    await answer.request.__aexit__(None, None, None)
