"""One inquiry: where is the repository of a module path? Nothing is remembered here.

First what the path itself tells, then what its host says, which the host must also say of the prefix that
it claims: nobody can speak for more than what is theirs (protocol.md D.1, D.2).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, TypeAlias

from modmirror.errors import Denied, Error, NotExist, UpstreamError
from modmirror.origin.discovery.goimport import GoImport, check_go_import
from modmirror.origin.discovery.hosts import static_site

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence

    from modmirror.mod.path import ModulePath
    from modmirror.origin.access.route import RouteAccess
    from modmirror.origin.discovery.hosts import Found
    from modmirror.origin.discovery.tagpages import TaggedPage


@dataclass(frozen=True, slots=True)
class Site:
    """Where a module path leads."""

    root: str
    """Import path of the repository's root; for the vcs ``mod``, the prefix that its tag is about."""
    vcs: str
    """``git``, ``hg``, ``svn`` or ``fossil``; or ``mod``: ``url`` is the base of a GOPROXY."""
    url: str
    """Of the repository, before any rewriting and without credentials."""
    subdir: str = ""
    """Directory of the repository that stands for its root (the fourth field of a tag)."""
    insecure: bool = False
    """Whether the route allows it to be fetched without protection."""
    assumed: bool = False
    """Taken from what its prefix says, without asking for the page of the path itself."""
    trail: tuple[str, ...] = ()
    """How it was found, step by step, for people."""


Ping: TypeAlias = "Callable[[Site], Awaitable[None]]"
"""Returns when the repository of a site answers. Raises NotExist, Denied or UpstreamError."""


@dataclass(slots=True)
class Inquiry:
    """One path, asked about under the rules of one route."""

    path: ModulePath
    access: RouteAccess
    ask_page: Callable[[str], Awaitable[TaggedPage]]
    """Asks for the page of a path."""
    prefix_page: Callable[[str], Awaitable[TaggedPage]]
    """Returns the page of a prefix, which may be remembered: many modules share it."""
    ping: Ping
    trail: list[str]
    """Grows step by step; after a failure it says how far the inquiry came."""

    async def run(self) -> Site:
        """Find the repository.

        Raises:
            NotExist: there is none, or it may not be used.
            Denied: a host is in a network that is not allowed.
            UpstreamError: who was asked could not answer at this time.
        """
        found = static_site(self.path, insecure=self.access.is_insecure(self.path))
        site = await (self._suffixed_or_known(found) if found else self._from_pages())
        self._note_rewriting(site)
        return replace(site, trail=tuple(self.trail))

    def site_of(self, tag: GoImport) -> Site:
        """Return what a tag says, if it may be followed. Raises NotExist."""
        check_go_import(tag)
        self.access.check_vcs(tag.vcs, tag.prefix)
        insecure = self.access.is_insecure(self.path)
        self.access.check_remote(tag.root, insecure=insecure)
        return Site(tag.prefix, tag.vcs, tag.root.rstrip("/"), tag.subdir, insecure)

    async def _suffixed_or_known(self, found: Found) -> Site:
        self.trail.append(f"the path alone says that {found.root} is kept with {found.vcs}")
        self.access.check_vcs(found.vcs, found.root)
        insecure = self.access.is_insecure(self.path)
        sites = [Site(found.root, found.vcs, url, insecure=insecure) for url in found.urls]
        usable, refusals = [], []
        for site in sites:
            try:
                self.access.check_remote(site.url, insecure=insecure)
                usable.append(site)
            except NotExist as error:
                refusals.append(error)
        if not usable:
            raise refusals[0]
        return usable[0] if len(usable) == 1 else await self._first_that_answers(usable)

    async def _first_that_answers(self, sites: Sequence[Site]) -> Site:
        failures: list[Error] = []
        for site in sites:
            try:
                await self.ping(site)
            except (NotExist, Denied, UpstreamError) as error:
                self.trail.append(f"{site.url}: {error.reason}")
                failures.append(error)
            else:
                self.trail.append(f"{site.url} answers")
                return site
        # What may be different in a minute must not be taken for absence.
        raise next((error for error in failures if isinstance(error, UpstreamError)), failures[0])

    async def _from_pages(self) -> Site:
        page = await self.ask_page(self.path)
        tag = page.tag_for(self.path)
        self.trail.append(f"{page.name} ({page.status}) says {_words(tag)}")
        if tag.prefix != self.path:
            await self._confirm(tag, page)
        return self.site_of(tag)

    async def _confirm(self, tag: GoImport, page: TaggedPage) -> None:
        """Ask the prefix itself: it must say of the path exactly what the path's own page says."""
        authority = await self.prefix_page(tag.prefix)
        if authority.remembered and not self._agrees(authority, tag):
            # Both pages may just have changed.
            authority = await self.ask_page(tag.prefix)
        if not self._agrees(authority, tag):
            reason = f"{page.name} says that {self.path} belongs to {tag.prefix}, {authority.name} does not"
            hint = f"both pages need the same go-import tag: {_words(tag)}"
            raise NotExist(reason, hint=hint, sources=(page.name, authority.name))
        self.trail.append(f"{authority.name} ({authority.status}) says the same")

    def _agrees(self, authority: TaggedPage, tag: GoImport) -> bool:
        """Compare. Raises UpstreamUnavailable when the authority has only a page of trouble to show."""
        try:
            return authority.tag_for(self.path) == tag
        except NotExist:
            return False

    def _note_rewriting(self, site: Site) -> None:
        target = self.access.check_remote(site.url, insecure=site.insecure)
        if target != site.url:
            self.trail.append(f"{site.url} is rewritten to {target}")


def _words(tag: GoImport) -> str:
    words = f"{tag.prefix} {tag.vcs} {tag.root} {tag.subdir}".strip()
    return "".join(letter if letter.isprintable() else "?" for letter in words)[:300]
