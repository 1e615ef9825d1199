"""Web servers with go-import pages, under any name that ends in ``.test``, over https and http on loopback.

::

    async with GoImportServer() as server:
        server.page("a.test/m", tag("a.test/m git https://git.test/m"))
        discovery = server.discovery()
        await discovery.find("a.test/m")
        assert server.asked == ["https://a.test/m?go-get=1"]

The names are resolved by `GoImportServer.resolve`, never by the system.
"""

from __future__ import annotations

import asyncio
import ssl
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Self

from modmirror.mod.path import check_path
from modmirror.origin.access.route import RouteAccess, RouteRules
from modmirror.origin.discovery.discovery import Discovery, Lifetimes
from modmirror.origin.discovery.inquiry import Inquiry
from modmirror.origin.discovery.pages import Pages
from modmirror.origin.discovery.tagpages import TaggedPages
from modmirror.origin.network.guard import AddressGuard
from modmirror.origin.network.networks import parse_networks
from tests.fakes.engine import FakeClock
from tests.fakes.tls import authority, ca_pem

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping, Sequence

    from modmirror.origin.discovery.inquiry import Ping, Site
    from modmirror.origin.network.guard import Endpoint

NAMES = ("a.test", "b.test", "c.test", "git.test", "deep.a.test", "registry.example.com")


def tag(*contents: str, name: str = "go-import") -> str:
    """Return a page with a tag for each content."""
    tags = "".join(f'<meta name="{name}" content="{content}">' for content in contents)
    return f"<!DOCTYPE html><html><head>{tags}</head><body></body></html>"


@dataclass(frozen=True, slots=True)
class FakePage:
    """An answer. ``hang`` sends the head of it and then nothing."""

    body: bytes
    status: int = 200
    headers: tuple[tuple[str, str], ...] = ()
    hang: bool = False


@dataclass(frozen=True, slots=True)
class Asked:
    """A request as it arrived."""

    url: str
    headers: Mapping[str, str]


class NoPing:
    """No repository answers a ping; it must not be asked for one."""

    async def __call__(self, site: Site) -> None:
        raise AssertionError(f"pinged {site.url}")


@dataclass(slots=True)
class GoImportServer:
    """See the module's docstring."""

    seen: list[Asked] = field(default_factory=list)
    addresses: dict[str, list[str]] = field(default_factory=dict)
    """Addresses of names, where they are not this server's."""
    resolved: list[str] = field(default_factory=list)
    certified: tuple[str, ...] = NAMES
    _pages: dict[str, FakePage] = field(default_factory=dict)
    _servers: list[asyncio.Server] = field(default_factory=list)

    @property
    def base_url(self) -> str:
        """The https server by its address; to be used with ``certified=("127.0.0.1",)``."""
        return f"https://127.0.0.1:{self._port(0)}"

    @property
    def asked(self) -> list[str]:
        """URLs in the order in which they were asked for."""
        return [one.url for one in self.seen]

    def page(
        self,
        path: str,
        body: str | bytes = "",
        status: int = 200,
        headers: Sequence[tuple[str, str]] = (),
        *,
        hang: bool = False,
    ) -> None:
        """Serve a page at ``host/path``, whatever the scheme and query; with a scheme, only there."""
        raw = body.encode() if isinstance(body, str) else body
        self._pages[path.rstrip("/")] = FakePage(raw, status, tuple(headers), hang)

    def redirect(self, path: str, location: str, status: int = 302) -> None:
        """Send whoever asks for a page elsewhere."""
        self.page(path, status=status, headers=[("Location", location)])

    async def resolve(self, host: str, port: int) -> Sequence[Endpoint]:
        """Resolve every name to this server, unless `addresses` says otherwise."""
        self.resolved.append(host)
        await asyncio.sleep(0)
        real = {443: self._port(0), 80: self._port(1)}.get(port, port)
        return [(ip, real) for ip in self.addresses.get(host, ["127.0.0.1"])]

    def access(
        self, rules: RouteRules | None = None, *, networks: Sequence[str] = ("loopback",)
    ) -> RouteAccess:
        """Return the rules of a route that may reach this server."""
        return RouteAccess(rules or RouteRules(), AddressGuard(self.resolve, parse_networks(networks)))

    def pages(self, access: RouteAccess | None = None, *, timeout: float = 10.0) -> Pages:
        """Return a client that trusts this server."""
        return Pages(access or self.access(), timeout=timeout, ca_pem=ca_pem(), user_agent="modmirror/test")

    def discovery(
        self,
        access: RouteAccess | None = None,
        *,
        clock: Callable[[], float] | None = None,
        ping: Ping | None = None,
        timeout: float = 10.0,
    ) -> Discovery:
        """Return a discovery under the rules of ``access``."""
        rules = access or self.access()
        pages = self.pages(rules, timeout=timeout)
        return Discovery(rules, pages, ping or NoPing(), Lifetimes(), clock or FakeClock())

    async def inquire(
        self,
        path: str,
        rules: RouteRules | None = None,
        *,
        networks: Sequence[str] = ("loopback",),
        ping: Ping | None = None,
    ) -> Site:
        """Ask where the repository of a path is, remembering nothing."""
        access = self.access(rules, networks=networks)
        tagged = TaggedPages(self.pages(access), 0.0, FakeClock())
        ask = partial(tagged.ask, insecure=access.is_insecure(path))
        return await Inquiry(check_path(path), access, ask, ask, ping or NoPing(), []).run()

    async def __aenter__(self) -> Self:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        authority().issue_cert(*self.certified).configure_cert(context)
        self._servers = [
            await asyncio.start_server(self._serve("https"), "127.0.0.1", ssl=context),
            await asyncio.start_server(self._serve("http"), "127.0.0.1"),
        ]
        return self

    async def __aexit__(self, *_: object) -> None:
        for server in self._servers:
            server.close()
            await server.wait_closed()

    def _port(self, number: int) -> int:
        return int(self._servers[number].sockets[0].getsockname()[1])

    def _serve(
        self, scheme: str
    ) -> Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]:
        async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            try:
                await self._answer(scheme, reader, writer)
            except (OSError, asyncio.IncompleteReadError, asyncio.CancelledError):
                writer.transport.abort()
            finally:
                writer.close()

        return serve

    async def _answer(
        self, scheme: str, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        lines = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
        target = lines[0].split(" ")[1]
        headers = {name.lower(): value for name, _, value in (each.partition(": ") for each in lines[1:])}
        self.seen.append(Asked(f"{scheme}://{headers['host']}{target}", headers))
        place = (headers["host"] + target.partition("?")[0]).rstrip("/")
        page = self._pages.get(f"{scheme}://{place}") or self._pages.get(place) or FakePage(b"", 404)
        head = [
            f"HTTP/1.1 {page.status} Status",
            "Connection: close",
            *(f"{k}: {v}" for k, v in page.headers),
        ]
        writer.write("\r\n".join([*head, "", ""]).encode("utf-8") + page.body)
        await writer.drain()
        if page.hang:
            await reader.read()
