"""Pages with ``go-import`` tags, by module path; those that speak for themselves are remembered."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING

from cachetools import LRUCache

from modmirror.errors import NotExist, UpstreamError, UpstreamUnavailable
from modmirror.origin.discovery.goimport import GoImport, parse_go_imports, select_go_import
from modmirror.singleflight import SingleFlight

if TYPE_CHECKING:
    from collections.abc import Callable

    from modmirror.origin.discovery.pages import Page, Pages

_REMEMBERED = 10_000
_TROUBLE = 500
_TOO_MANY = 429
_CLOSED = frozenset({401, 403})


@dataclass(frozen=True, slots=True)
class TaggedPage:
    """A page, and the tags in its head."""

    name: str
    """Where it came from, for people."""
    status: int
    tags: tuple[GoImport, ...]
    remembered: bool = False
    """Asked for some minutes ago."""

    def tag_for(self, path: str) -> GoImport:
        """Return the tag about ``path``.

        Raises:
            NotExist: there is none, or several.
            UpstreamUnavailable: there is none, on what is only a page of trouble.
        """
        try:
            return select_go_import(self.tags, path)
        except NotExist as error:
            reason = f"{error.reason} ({self.name} answered {self.status})"
            if self.status >= _TROUBLE or self.status == _TOO_MANY:
                raise UpstreamUnavailable(self.name, reason) from error
            hint = error.hint
            if self.status in _CLOSED:
                hint = "if it is private, give its route an access for its host"
            raise NotExist(reason, hint=hint, sources=(self.name,)) from error


class TaggedPages:
    """Asks for pages. Those that have a tag of their own path are remembered for ``lifetime`` seconds."""

    def __init__(self, pages: Pages, lifetime: float, clock: Callable[[], float]) -> None:
        self._pages = pages
        self._lifetime = lifetime
        self._clock = clock
        self._known: LRUCache[tuple[str, bool], tuple[TaggedPage, float]] = LRUCache(_REMEMBERED)
        self._asking: SingleFlight[str, TaggedPage] = SingleFlight()

    async def ask(self, path: str, *, insecure: bool) -> TaggedPage:
        """Ask for the page about a path. ``insecure`` tries http where https fails.

        Raises:
            NotExist: there is no such host, or its page cannot be read.
            Denied, UpstreamError: as `modmirror.origin.discovery.pages.Pages.get`.
        """
        try:
            page = await self._get(page_url(path), insecure=insecure)
        except UpstreamError:
            if not insecure:
                raise
            page = await self._get(page_url(path, "http"), insecure=insecure)
        if any(tag.prefix == path for tag in page.tags):
            self._known[path, insecure] = page, self._clock()
        return page

    async def _get(self, url: str, *, insecure: bool) -> TaggedPage:
        page = await self._pages.get(url, insecure=insecure)
        # A large page that means ill takes half a second to read.
        return await asyncio.to_thread(tagged, page)

    async def of_prefix(self, prefix: str, *, insecure: bool) -> TaggedPage:
        """Return the page about a prefix: the remembered one, or one answer for all who ask now."""
        if (known := self.known(prefix, insecure=insecure)) is not None:
            return known
        key = f"{prefix} {insecure}"
        return await self._asking.result(key, partial(self.ask, prefix, insecure=insecure))

    def known(self, prefix: str, *, insecure: bool) -> TaggedPage | None:
        """Return the page about a prefix if it is remembered and not too old."""
        page, at = self._known.get((prefix, insecure), (None, 0.0))
        if page is None or self._clock() - at >= self._lifetime:
            return None
        return replace(page, remembered=True)


def tagged(page: Page) -> TaggedPage:
    """Read the tags of a page. Raises NotExist for one that cannot be read."""
    try:
        return TaggedPage(page.url, page.status, parse_go_imports(page.body))
    except ValueError as error:
        raise NotExist(f"{page.url} {error}", sources=(page.url,)) from error


def page_url(path: str, scheme: str = "https") -> str:
    """Return the URL of the page about a module path (protocol.md D.2)."""
    return f"{scheme}://{path if '/' in path else path + '/'}?go-get=1"
