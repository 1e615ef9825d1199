"""GOPROXYs that web pages name (``mod`` in a go-import tag): only where the guard admits their host.

One client a root, pinned to the admitted address: whoever owns the page cannot point it at something
inside (protocol.md D.2, D.8).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from cachetools import TTLCache

from modmirror.errors import NotExist
from modmirror.origin.remote import parse_remote
from modmirror.upstream.clients import HttpClients
from modmirror.upstream.http import HttpUpstream

if TYPE_CHECKING:
    from collections.abc import Callable

    from modmirror.origin.guard import AddressGuard
    from modmirror.upstream.port import Upstream
    from modmirror.upstream.settings import HttpSettings

MAX_ROOTS = 100
PINNED_FOR = 600.0
"""Seconds for which an admitted address is used."""


class GuardedRoots:
    """See :class:`modmirror.proxy.direct.ModRoots`."""

    def __init__(self, guard: AddressGuard, settings: HttpSettings, clock: Callable[[], float]) -> None:
        self._guard = guard
        self._settings = settings
        self._open: TTLCache[tuple[str, bool], HttpUpstream] = TTLCache(MAX_ROOTS, PINNED_FOR, timer=clock)

    async def open(self, url: str, *, insecure: bool) -> Upstream:
        """See :class:`modmirror.proxy.direct.ModRoots`."""
        # What one path may have unprotected, another may not.
        key = (url, insecure)
        upstream = self._open.get(key)
        if upstream is None:
            upstream = self._open[key] = await self._opened(url, insecure=insecure)
        return upstream

    async def _opened(self, url: str, *, insecure: bool) -> HttpUpstream:
        try:
            remote = parse_remote(url)
        except ValueError as error:
            raise NotExist(f"the page names a GOPROXY whose URL {error}") from error
        if remote.scheme != "https" and not (insecure and remote.scheme == "http"):
            raise NotExist(f"the page names a GOPROXY over {remote.scheme}, which is not used")
        pinned = await self._guard.admit(remote.host, remote.real_port)
        clients = HttpClients(self._settings, pin=(remote.host, *pinned.endpoints[0]))
        return HttpUpstream(str(remote), clients)
