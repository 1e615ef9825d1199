"""How one repository is contacted under the rules of a route, also after it was renamed on its host.

Git follows no redirect here: it would ask addresses that nobody has judged, and take the secret along.
A host that answers for a renamed repository by pointing to another path of its own is followed all the
same, as the go command's git does it, in a way that is guarded (protocol.md D.8).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from modmirror.origin.access.git import GitAccess
    from modmirror.origin.access.route import RouteAccess
    from modmirror.origin.discovery.inquiry import Site
    from modmirror.origin.discovery.pages import Pages
    from modmirror.origin.git.refs import Format
    from modmirror.origin.git.smarthttp import SmartHttp

MOVED_SECONDS = 600.0
"""For which a new place is asked without asking the old one, which may come back."""


class Contact:
    """One repository of one route."""

    def __init__(
        self, site: Site, access: RouteAccess, http: SmartHttp, pages: Pages, clock: Callable[[], float]
    ) -> None:
        self._site = site
        self._access = access
        self._http = http
        self._pages = pages
        self._clock = clock
        self._moved: tuple[str, float] | None = None

    async def reach(self) -> GitAccess:
        """Return what git has to be given.

        Raises as :meth:`modmirror.origin.access.route.RouteAccess.git`.
        """
        return await self._access.git(self._url, insecure=self._site.insecure)

    async def list_names(self, format_: Format) -> bytes | None:
        """Return the lines of ``git ls-remote``, or None where git has to be asked.

        Raises as :meth:`reach`, and UpstreamTimeout.
        """
        access = await self._access.http(self._url, insecure=self._site.insecure)
        return await self._http.names(access, format_) if access is not None else None

    async def follow(self) -> bool:
        """Look where the repository has moved to on its host; tell whether that is somewhere new.

        Raises as :meth:`modmirror.origin.discovery.pages.Pages.landing`.
        """
        site = self._site
        if self._access.check_remote(site.url, insecure=site.insecure) != site.url:
            return False  # an operator wrote where it is, and may be asking inside
        there = await self._pages.landing(site.url, insecure=site.insecure)
        found = there != self._url
        self._moved = there, self._clock()
        return found

    @property
    def _url(self) -> str:
        if self._moved is not None and self._clock() - self._moved[1] < MOVED_SECONDS:
            return self._moved[0]
        return self._site.url
