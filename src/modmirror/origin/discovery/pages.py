"""Asks web servers that anyone can name: guarded addresses, redirects by hand, little of each answer.

One client for one question: the client connects to the pinned address only, and keeps nothing.
"""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from pyreqwest.client import ClientBuilder
from pyreqwest.exceptions import PyreqwestError, RequestTimeoutError
from pyreqwest.http import Url

from modmirror.errors import NotExist, UpstreamBadAnswer, UpstreamTimeout, UpstreamUnavailable

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

    from pyreqwest.client import Client
    from pyreqwest.response import Response

    from modmirror.origin.access.route import RouteAccess
    from modmirror.origin.network.guard import Endpoint, Pinned

MAX_PAGE_BYTES = 1 << 20
"""Only the head of a page is read; more than this is none (protocol.md D.8)."""
MAX_REDIRECTS = 10
CONNECT_TIMEOUT = 10.0
"""Seconds for TCP and TLS, to each address."""
_MAX_ADDRESSES = 3
_PIECE = 64 << 10
_AT_ONCE = 0
"""Bytes of a body that the client gathers before it hands over the status: none."""
_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_SMART = "/info/refs?service=git-upload-pack"


@dataclass(frozen=True, slots=True)
class Page:
    """An answer, its body cut off at `MAX_PAGE_BYTES`."""

    url: str
    """Where it came from in the end, without the query."""
    status: int
    body: bytes


@dataclass(frozen=True, slots=True)
class _Hop:
    """One place that is asked."""

    url: Url
    name: str
    """The URL for people: without the query, which may be a token."""
    at_home: bool
    """Whether redirects have kept to the first scheme, host and port: only there a secret goes along."""
    insecure: bool

    def leads_away(self, location: str) -> bool:
        """Tell whether a redirect leads to another scheme, host or port, or nowhere."""
        try:
            return self.url.join(location).origin_ascii != self.url.origin_ascii
        except ValueError:
            return True

    def after(self, location: str) -> _Hop:
        """Return where a redirect leads, without user, password and fragment."""
        try:
            there = self.url.join(location)
        except ValueError as error:
            raise UpstreamBadAnswer(self.name, "redirects to something that is not a URL") from error
        if there.scheme not in {"http", "https"} or not there.host_str:
            raise UpstreamBadAnswer(self.name, "redirects to something that is neither http nor https")
        if there.scheme == "http" and not self.insecure:
            hint = "the server must redirect to https"
            raise NotExist(f"{self.name} redirects to http, which is not followed", hint=hint)
        there = there.with_username("").with_password(None).with_fragment(None)
        at_home = self.at_home and there.origin_ascii == self.url.origin_ascii
        return _Hop(there, _name(there), at_home, self.insecure)


class Pages:
    """Pages and other small answers of servers, under the rules of one route.

    Args:
        access: whose guard and keys are used.
        timeout: seconds for one page with all its redirects.
        ca_pem: further certificate authorities; empty for none.
        user_agent: what the servers are told.
    """

    def __init__(self, access: RouteAccess, *, timeout: float, ca_pem: bytes, user_agent: str) -> None:
        self._access = access
        self._timeout = timeout
        self._ca_pem = ca_pem
        self._user_agent = user_agent

    async def get(self, url: str, *, insecure: bool = False) -> Page:
        """Return the page at a URL, whatever its status.

        ``insecure`` allows http, and certificates that nobody vouches for.

        Raises:
            NotExist: there is no such host, or it redirects from https to http.
            Denied: it, or a host that it redirects to, is in a network that is not allowed.
            UpstreamError: named by the URL; it could not be asked at this time.
        """
        first = Url(url)
        async with self._limited(_name(first)), self._ask(first, insecure=insecure) as (hop, response):
            with _while_asking(hop.name):
                return Page(hop.name, response.status, await _head_of(response))

    async def landing(self, url: str, *, insecure: bool = False) -> str:
        """Return where a git repository has moved to on its host, or ``url`` if it has not.

        git is not allowed to follow redirects by itself: it would resolve names that nobody has judged,
        and take the secret along. A move to another host is for people to judge. Raises as `get`.
        """
        first = Url(url.rstrip("/") + _SMART)
        asking = self._ask(first, insecure=insecure, stay=True)
        async with self._limited(_name(first)), asking as (hop, response):
            there, arrived = str(hop.url), response.status not in _REDIRECTS
        # A redirect that leads to something else than the same question is no move of the repository.
        return there.removesuffix(_SMART) if arrived and there.endswith(_SMART) else url

    @asynccontextmanager
    async def _limited(self, name: str) -> AsyncIterator[None]:
        try:
            async with asyncio.timeout(self._timeout):
                yield
        except TimeoutError as error:
            raise UpstreamTimeout(name, f"no answer within {self._timeout:g} s") from error

    @asynccontextmanager
    async def _ask(
        self, url: Url, *, insecure: bool, stay: bool = False
    ) -> AsyncIterator[tuple[_Hop, Response]]:
        """Ask and follow redirects, with ``stay`` on one host; yield the last answer and its place."""
        hop = _Hop(url, _name(url), at_home=True, insecure=insecure)
        for _ in range(MAX_REDIRECTS + 1):
            async with AsyncExitStack() as leaving:
                response = await self._open(hop, leaving)
                location = _location(response) if response.status in _REDIRECTS else ""
                if not location or (stay and hop.leads_away(location)):
                    yield hop, response
                    return
            hop = hop.after(location)
        raise UpstreamBadAnswer(_name(url), f"redirects more than {MAX_REDIRECTS} times")

    async def _open(self, hop: _Hop, leaving: AsyncExitStack) -> Response:
        """Ask one hop, at the first of its addresses that can be reached."""
        pinned = await self._access.guard.admit(hop.url.host_str or "", hop.url.port_or_known_default or 0)
        secret = None
        if hop.at_home and not hop.insecure:
            secret = await self._access.authorization(str(hop.url))
        *others, last = pinned.endpoints[:_MAX_ADDRESSES]
        for endpoint in others:
            try:
                return await self._open_at(hop, pinned, endpoint, secret, leaving)
            except PyreqwestError:
                # Tried again at the next address, whose failure would be told.
                continue
        with _while_asking(hop.name):
            return await self._open_at(hop, pinned, last, secret, leaving)

    async def _open_at(
        self, hop: _Hop, pinned: Pinned, endpoint: Endpoint, secret: str | None, leaving: AsyncExitStack
    ) -> Response:
        # Reading the system's certificates takes some milliseconds.
        client = await asyncio.to_thread(self._client, pinned.host, endpoint, insecure=hop.insecure)
        leaving.push_async_callback(client.close)
        builder = client.get(hop.url).streamed_read_buffer_limit(_AT_ONCE)
        if secret is not None:
            builder = builder.header("Authorization", secret, is_sensitive=True)
        return await leaving.enter_async_context(builder.build_streamed())

    def _client(self, host: str, endpoint: Endpoint, *, insecure: bool) -> Client:
        builder = (
            ClientBuilder()
            # A proxy would resolve the name again, out of sight.
            .no_proxy()
            .resolve(host, *endpoint)
            .follow_redirects(enable=False)
            .referer(enable=False)
            .brotli(enable=False)
            .zstd(enable=False)
            .deflate(enable=False)
            .connect_timeout(timedelta(seconds=CONNECT_TIMEOUT))
            .read_timeout(timedelta(seconds=self._timeout))
            .user_agent(self._user_agent)
            .danger_accept_invalid_certs(insecure)
        )
        if self._ca_pem:
            builder = builder.add_root_certificate_pem(self._ca_pem)
        return builder.build()


async def _head_of(response: Response) -> bytes:
    read, size = [], 0
    while size < MAX_PAGE_BYTES and (piece := await response.body_reader.read(_PIECE)):
        read.append(bytes(piece))
        size += len(piece)
    return b"".join(read)[:MAX_PAGE_BYTES]


def _location(response: Response) -> str:
    try:
        return response.get_header("location") or ""
    except ValueError:
        return ""  # bytes that are no text lead nowhere


@contextmanager
def _while_asking(name: str) -> Iterator[None]:
    """Translate what the client raises. Texts hold no URL: a query may be a token."""
    try:
        yield
    except RequestTimeoutError as error:
        raise UpstreamTimeout(name, "no answer in time") from error
    except PyreqwestError as error:
        raise UpstreamUnavailable(name, _cause(error)) from error


def _cause(error: PyreqwestError) -> str:
    """Return the innermost cause: the others only say on whose behalf."""
    causes = (getattr(error, "details", None) or {}).get("causes") or ()
    text = ([cause["message"] for cause in causes] or [error.message])[-1]
    return "the connection failed" if "://" in text else text


def _name(url: Url) -> str:
    port = f":{url.port}" if url.port is not None else ""
    return f"{url.scheme}://{url.host_str}{port}{url.path}"
