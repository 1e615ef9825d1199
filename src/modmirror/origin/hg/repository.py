"""A Mercurial repository behind the port of origins (:mod:`modmirror.origin.port`).

A clone is kept, and brought up to date when names are asked for and old. All that is in it belongs to a
branch, so all of it can be reached; a clone that has more than the remote side is made anew.
"""

from __future__ import annotations

from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, ClassVar, NamedTuple

from modmirror.errors import UpstreamUnavailable
from modmirror.origin.emptytar import empty_archive
from modmirror.origin.hg.answers import NAMED, is_full_id, is_prefix, names_of
from modmirror.origin.hg.clone import Clone, make_clone
from modmirror.origin.hg.files import OVERHEAD_BYTES, only_file
from modmirror.origin.keeping.remembered import Remembered
from modmirror.origin.keeping.tagwatch import TagWatch
from modmirror.origin.processes.failures import unreachable
from modmirror.origin.processes.process import Bounds
from modmirror.origin.treepaths import is_plain_path

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from modmirror.origin.access.vcs import VcsSource
    from modmirror.origin.hg.command import Hg
    from modmirror.origin.keeping.terms import Terms
    from modmirror.origin.port import Commit, Refs

_ATTEMPTS = 2


class _Known(NamedTuple):
    """Names, and a clone that has what they point at."""

    refs: Refs
    clone: Clone


class HgRepository:
    """See :class:`modmirror.origin.port.Repository`."""

    vcs: ClassVar[str] = "hg"

    def __init__(self, hg: Hg, source: VcsSource, terms: Terms) -> None:
        """Ask ``source``, keep what it sends in the home of ``terms``."""
        self.url = source.url
        self._hg = hg
        self._home = terms.home
        self._source = source
        self._limits = limits = terms.limits
        self._label = f"hg\0{source.audience}"
        self._tags = TagWatch(terms.home, terms.on_tags)
        self._known = Remembered(self._refresh, limits.refresh, terms.ticks)
        self._clone: Clone | None = None

    @property
    def age(self) -> float:
        """See the port."""
        return self._known.age

    async def refs(self) -> Refs:
        """See the port."""
        return (await self._known.get()).refs

    async def commit(self, commit_id: str) -> Commit | None:
        """See the port."""
        async with self._opened() as known:
            return await known.clone.commit(commit_id) if is_full_id(commit_id) else None

    async def find(self, prefix: str) -> Commit | None:
        """See the port."""
        async with self._opened() as known:
            return await known.clone.commit(prefix) if is_prefix(prefix) else None

    async def read(self, commit_id: str, path: str, limit: int) -> bytes | None:
        """See the port."""
        bounds = Bounds(self._limits.timeout, limit + OVERHEAD_BYTES)
        async with self._at(commit_id) as known:
            if not is_plain_path(path):
                return None
            async with known.clone.archive(commit_id, path, bounds) as pieces:
                return None if pieces is None else await only_file(self.url, path, limit, pieces)

    async def tags_before(self, commit_id: str) -> frozenset[str]:
        """See the port."""
        async with self._at(commit_id) as known:
            changes = await known.clone.changes(f"ancestors({commit_id}) and tag()")
        before = {change["node"] for change in changes}
        return frozenset(name for name, commit in known.refs.tags.items() if commit in before)

    @asynccontextmanager
    async def archive(self, commit_id: str, directory: str) -> AsyncIterator[AsyncIterator[bytes]]:
        """See the port."""
        bounds = Bounds(self._limits.background_timeout, self._limits.archive_bytes)
        async with self._at(commit_id) as known:
            if directory and not is_plain_path(directory):
                yield empty_archive()
                return
            async with known.clone.archive(commit_id, directory, bounds) as pieces:
                yield empty_archive() if pieces is None else pieces

    async def _refresh(self) -> _Known:
        for _ in range(_ATTEMPTS):
            async with self._home.use(self._label, self.url, self._make) as kept:
                clone = self._clone
                if clone is None or clone.kept is not kept:
                    clone = Clone(self._hg, kept, self._home, self._source, self._limits)
                if not await clone.pull():
                    await self._home.discard(kept)
                    continue
                refs = names_of(self.url, await clone.changes(NAMED))
                await self._tags.see(kept, refs.tags)
                self._clone = clone
                return _Known(refs, clone)
        raise UpstreamUnavailable(self.url, "it loses changesets while it is being read")

    async def _make(self, directory: Path) -> None:
        await make_clone(self._hg, self.url, directory)

    @asynccontextmanager
    async def _opened(self) -> AsyncIterator[_Known]:
        """Hand out the clone, as new as the names are."""
        known = await self._known.get()
        async with self._home.use(self._label, self.url, self._make) as kept:
            if known.clone.kept is not kept:
                known = await self._known.renew()  # it was removed, to make room or because it was broken
            yield known

    @asynccontextmanager
    async def _at(self, commit_id: str) -> AsyncIterator[_Known]:
        """Hand out the clone with a commit in it.

        Raises:
            NotExist: it cannot be reached.
        """
        async with self._opened() as known:
            if not is_full_id(commit_id) or await known.clone.commit(commit_id) is None:
                raise unreachable(self.url, commit_id)
            yield known
