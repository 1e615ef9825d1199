"""GOPROXYs that web pages name (``mod`` in a go-import tag): only where the guard admits their host.

One client a root, pinned to the admitted address: whoever owns the page cannot point it at something
inside (protocol.md D.2, D.8).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from cachetools import TTLCache

from modmirror.errors import NotExist
from modmirror.origin.network.remote import parse_remote
from modmirror.upstream.clients import HttpClients
from modmirror.upstream.http import HttpUpstream

if TYPE_CHECKING:
    from collections.abc import Callable

    from modmirror.origin.network.guard import AddressGuard
    from modmirror.upstream.port import Upstream
    from modmirror.upstream.settings import HttpSettings

MAX_ROOTS = 100
PINNED_FOR = 600.0
"""Seconds for which an admitted address is used."""


class _Root(NamedTuple):
    """One GOPROXY and its client."""

    upstream: HttpUpstream
    clients: HttpClients


class GuardedRoots:
    """See :class:`modmirror.proxy.direct.ModRoots`.

    One that is pushed out, by time or by others, goes when the last request over it has ended, and its
    connections go with it: nothing but such a request holds it.
    """

    def __init__(self, guard: AddressGuard, settings: HttpSettings, clock: Callable[[], float]) -> None:
        self._guard = guard
        self._settings = settings
        self._open: TTLCache[tuple[str, bool], _Root] = TTLCache(MAX_ROOTS, PINNED_FOR, timer=clock)

    async def open(self, url: str, *, insecure: bool) -> Upstream:
        """See :class:`modmirror.proxy.direct.ModRoots`."""
        # What one path may have unprotected, another may not.
        key = (url, insecure)
        root = self._open.get(key)
        if root is None:
            root = self._open[key] = await self._opened(url, insecure=insecure)
        return root.upstream

    async def close(self) -> None:
        """Close what is open now."""
        roots = list(self._open.values())
        self._open.clear()
        for root in roots:
            await root.clients.close()

    async def _opened(self, url: str, *, insecure: bool) -> _Root:
        try:
            remote = parse_remote(url)
        except ValueError as error:
            raise NotExist(f"the page names a GOPROXY whose URL {error}") from error
        if remote.scheme != "https" and not (insecure and remote.scheme == "http"):
            raise NotExist(f"the page names a GOPROXY over {remote.scheme}, which is not used")
        pinned = await self._guard.admit(remote.host, remote.real_port)
        clients = HttpClients(self._settings, pin=(remote.host, *pinned.endpoints[0]))
        return _Root(HttpUpstream(str(remote), clients), clients)
