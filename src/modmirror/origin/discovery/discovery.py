"""Where the repositories of module paths are, remembered for a while.

What is found is remembered for minutes, what is not for one. A prefix that a path below it was seen to
follow is taken to speak for all paths below it, so that hundreds of modules of one repository cost one
question; who then finds no module there asks again with ``afresh``. While a host is down, its last
answers are used.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING

from cachetools import LRUCache

from modmirror.errors import Error, NotExist, UpstreamError
from modmirror.origin.discovery.inquiry import Inquiry, Ping, Site
from modmirror.origin.discovery.tagpages import TaggedPages
from modmirror.singleflight import SingleFlight

if TYPE_CHECKING:
    from collections.abc import Callable

    from modmirror.mod.path import ModulePath
    from modmirror.origin.access.route import RouteAccess
    from modmirror.origin.discovery.pages import Pages

KEEP_WHILE_DOWN = 86_400.0
"""Seconds for which an old answer is used when its host does not give a new one."""
_REMEMBERED = 10_000
_HOSTS = 1_000
_AT_ONE_HOST = 4
"""Pages asked of one host at a time: the rest of a burst mostly finds its answer in the first few."""


@dataclass(frozen=True, slots=True)
class Lifetimes:
    """How long answers are remembered, in seconds."""

    found: float = 600.0
    absent: float = 60.0


@dataclass(frozen=True, slots=True)
class Explained:
    """An inquiry told step by step: how it ended, and how far it came."""

    trail: tuple[str, ...]
    outcome: Site | Error


@dataclass(frozen=True, slots=True)
class _Remembered:
    outcome: Site | NotExist
    at: float


class Discovery:
    """Finds repositories under the rules of one route.

    Args:
        access: the route's rules.
        pages: asks servers, under the same rules.
        ping: tells whether a repository answers; asked only where a path leaves the transport open.
        lifetimes: how long answers are remembered.
        clock: seconds, never going back.
    """

    def __init__(
        self,
        access: RouteAccess,
        pages: Pages,
        ping: Ping,
        lifetimes: Lifetimes,
        clock: Callable[[], float],
    ) -> None:
        self._access = access
        self._pages = TaggedPages(pages, lifetimes.found, clock)
        self._ping = ping
        self._lifetimes = lifetimes
        self._clock = clock
        self._sites: LRUCache[str, _Remembered] = LRUCache(_REMEMBERED)
        self._followed: LRUCache[tuple[str, bool], float] = LRUCache(_REMEMBERED)
        """When a path below a prefix was last seen to follow it."""
        self._slots: LRUCache[str, asyncio.Semaphore] = LRUCache(_HOSTS)
        self._running: SingleFlight[str, Site] = SingleFlight()

    async def find(self, path: ModulePath, *, afresh: bool = False) -> Site:
        """Return where the repository of a module path is.

        ``afresh`` asks for the page of the path itself, whatever is remembered: to be used when a site
        that was ``assumed`` turned out to hold no such module.

        Raises:
            NotExist: it has none, or none that may be used; the text says why.
            Denied: a host is in a network that is not allowed.
            UpstreamError: who was asked could not answer, and there is no earlier answer.
        """
        if not afresh and (known := self._remembered(path)) is not None:
            return known
        key = f"{path} {afresh}"
        return await self._running.result(key, partial(self._find, path, afresh=afresh))

    async def explain(self, path: ModulePath) -> Explained:
        """Ask anew, and tell each step. What was remembered of the path stays as it was."""
        trail: list[str] = []
        try:
            outcome: Site | Error = await self._inquiry(path, trail, anew=True).run()
        except Error as error:
            outcome = error
        return Explained(tuple(trail), outcome)

    def _remembered(self, path: ModulePath) -> Site | None:
        """Return what is known and not too old. Raises NotExist when that is absence."""
        known = self._sites.get(path)
        if known is None:
            return self._assumed(path)
        life = self._lifetimes.found if isinstance(known.outcome, Site) else self._lifetimes.absent
        if self._clock() - known.at >= life:
            return self._assumed(path)
        if isinstance(known.outcome, Site):
            return known.outcome
        raise _again(known.outcome)

    def _assumed(self, path: ModulePath) -> Site | None:
        """Return the site that the longest followed prefix of ``path`` gives, or None."""
        insecure = self._access.is_insecure(path)
        prefix = path.rpartition("/")[0]
        while prefix:
            followed = self._followed.get((prefix, insecure))
            if followed is not None and self._clock() - followed < self._lifetimes.found:
                return self._from_prefix(path, prefix, insecure=insecure)
            prefix = prefix.rpartition("/")[0]
        return None

    def _from_prefix(self, path: ModulePath, prefix: str, *, insecure: bool) -> Site | None:
        page = self._pages.known(prefix, insecure=insecure)
        if page is None:
            return None
        try:
            tag = page.tag_for(path)
            site = self._inquiry(path, []).site_of(tag) if tag.prefix == prefix else None
        except (NotExist, UpstreamError):
            # The prefix says too little: the path is asked, and what is wrong is told then.
            return None
        step = f"{page.name} spoke for another path below {prefix}, and is taken to speak for this one"
        return site and replace(site, assumed=True, trail=(step,))

    async def _find(self, path: ModulePath, *, afresh: bool) -> Site:
        async with self._slot(path):
            # Others may have found it out in the meantime.
            if not afresh and (known := self._remembered(path)) is not None:
                return known
            try:
                site = await self._inquiry(path, []).run()
            except NotExist as error:
                self._sites[path] = _Remembered(error, self._clock())
                raise
            except UpstreamError as error:
                return self._kept(path, error)
            self._sites[path] = _Remembered(site, self._clock())
            if site.root != path:
                self._followed[site.root, site.insecure] = self._clock()
            return site

    def _kept(self, path: ModulePath, error: UpstreamError) -> Site:
        """Return the old answer while no new one can be had, or raise ``error``."""
        known = self._sites.get(path)
        if known and isinstance(known.outcome, Site) and self._clock() - known.at < KEEP_WHILE_DOWN:
            step = f"{error.upstream}: {error.reason}; what it said before is used"
            return replace(known.outcome, trail=(*known.outcome.trail, step))
        raise error

    def _inquiry(self, path: ModulePath, trail: list[str], *, anew: bool = False) -> Inquiry:
        insecure = self._access.is_insecure(path)
        ask = partial(self._pages.ask, insecure=insecure)
        prefix_page = ask if anew else partial(self._pages.of_prefix, insecure=insecure)
        return Inquiry(path, self._access, ask, prefix_page, self._ping, trail)

    def _slot(self, path: ModulePath) -> asyncio.Semaphore:
        host = path.partition("/")[0]
        slot = self._slots.get(host)
        if slot is None:
            slot = self._slots[host] = asyncio.Semaphore(_AT_ONE_HOST)
        return slot


def _again(error: NotExist) -> NotExist:
    """Return the same refusal: an error that is raised twice would grow its traceback each time."""
    return NotExist(error.reason, hint=error.hint, sources=error.sources)
