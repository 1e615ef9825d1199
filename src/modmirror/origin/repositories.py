"""The repositories of one route: opened once each, by the version control system that their site names."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

from cachetools import LRUCache

from modmirror.errors import NotExist

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from modmirror.origin.discovery.inquiry import Site
    from modmirror.origin.port import Repository

MAX_OPEN = 10_000
"""Repositories whose names are remembered. What is kept on disk is bounded elsewhere."""

Opener: TypeAlias = "Callable[[Site], Repository]"


class RouteRepositories:
    """See :class:`modmirror.origin.modules.Repositories`."""

    def __init__(self, openers: Mapping[str, Opener]) -> None:
        """``openers`` are by version control system; what is not among them cannot be read here."""
        self._openers = openers
        self._open: LRUCache[tuple[str, str, bool], Repository] = LRUCache(MAX_OPEN)

    async def open(self, site: Site) -> Repository:
        """Return the one repository of a site. Raises NotExist when its tool is not there."""
        key = (site.vcs, site.url, site.insecure)
        repository = self._open.get(key)
        if repository is None:
            opener = self._openers.get(site.vcs)
            if opener is None:
                known = ", ".join(self._openers)
                reason = f"{site.root} is kept with {site.vcs}, which is not installed on this mirror"
                raise NotExist(reason, hint=f"this mirror reads {known}")
            repository = self._open[key] = opener(site)
        return repository

    async def ping(self, site: Site) -> None:
        """Return when the repository of a site answers. Raises NotExist, Denied or UpstreamError."""
        await (await self.open(site)).refs()
