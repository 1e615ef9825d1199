"""A Fossil repository behind the port of origins (:mod:`modmirror.origin.port`).

A clone is kept, and brought up to date when names are asked for and old. Fossil forgets nothing: whatever
has been checked in can be reached.
"""

from __future__ import annotations

import asyncio
import zlib
from contextlib import aclosing, asynccontextmanager
from typing import TYPE_CHECKING, ClassVar, NamedTuple

from modmirror.errors import StorageBroken, UpstreamBadAnswer, UpstreamUnavailable
from modmirror.origin.fossil.command import LOCAL, PHRASES, WRONG_PROJECT, Place
from modmirror.origin.fossil.queries import (
    NAMES,
    PROJECT,
    ancestors_query,
    commit_of,
    commits_query,
    file_of,
    file_query,
    is_full_id,
    is_prefix,
    names_of,
    rows,
)
from modmirror.origin.keeping.remembered import Remembered
from modmirror.origin.keeping.tagwatch import TagWatch
from modmirror.origin.processes.failures import local_failure, remote_failure, unreachable
from modmirror.origin.processes.process import Bounds

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, AsyncIterator
    from pathlib import Path
    from typing import Any

    from modmirror.errors import Error
    from modmirror.origin.access.vcs import VcsSource
    from modmirror.origin.fossil.command import Fossil
    from modmirror.origin.keeping.kept import Kept
    from modmirror.origin.keeping.terms import Terms
    from modmirror.origin.port import Commit, Refs
    from modmirror.origin.processes.running import Finished

_ATTEMPTS = 2
_PIECE_BYTES = 1 << 20
_ROW_BYTES = 4096
"""What a row has besides the content of a file."""


class _Known(NamedTuple):
    """Names, and the clone that has what they stand for."""

    refs: Refs
    kept: Kept


class FossilRepository:
    """See :class:`modmirror.origin.port.Repository`."""

    vcs: ClassVar[str] = "fossil"

    def __init__(self, fossil: Fossil, source: VcsSource, terms: Terms) -> None:
        """Ask ``source``, keep what it sends in the home of ``terms``."""
        self.url = source.url
        self._fossil = fossil
        self._home = terms.home
        self._source = source
        self._limits = limits = terms.limits
        self._label = f"fossil\0{source.audience}"
        self._fetch = Bounds(limits.background_timeout, LOCAL.output_bytes, terms.home.max_bytes)
        self._tags = TagWatch(terms.home, terms.on_tags)
        self._known = Remembered(self._refresh, limits.refresh, terms.ticks)

    @property
    def age(self) -> float:
        """See the port."""
        return self._known.age

    async def refs(self) -> Refs:
        """See the port."""
        return (await self._known.get()).refs

    async def commit(self, commit_id: str) -> Commit | None:
        """See the port."""
        async with self._opened() as kept:
            return await self._commit(kept, commit_id) if is_full_id(commit_id) else None

    async def find(self, prefix: str) -> Commit | None:
        """See the port."""
        async with self._opened() as kept:
            return await self._commit(kept, prefix) if is_prefix(prefix) else None

    async def read(self, commit_id: str, path: str, limit: int) -> bytes | None:
        """See the port."""
        async with self._at(commit_id) as kept:
            bounds = Bounds(LOCAL.seconds, 2 * limit + _ROW_BYTES)
            found = await self._rows(kept, file_query(commit_id, path, limit), bounds)
        if not found:
            return None
        file = file_of(found[0])
        if file is None:
            raise UpstreamBadAnswer(self.url, f"the content of {path} is missing from the repository")
        if file.content is None:
            raise UpstreamBadAnswer(self.url, f"{path} has {file.size} bytes, where {limit} are allowed")
        return file.content

    async def tags_before(self, commit_id: str) -> frozenset[str]:
        """See the port."""
        tags = (await self._known.get()).refs.tags
        async with self._at(commit_id) as kept:
            before = {row[0] for row in await self._rows(kept, ancestors_query(commit_id))}
        return frozenset(name for name, commit in tags.items() if commit in before)

    @asynccontextmanager
    async def archive(self, commit_id: str, directory: str) -> AsyncIterator[AsyncIterator[bytes]]:
        """See the port. It is always one of all files: fossil would take a directory for a pattern."""
        del directory
        bounds = Bounds(self._limits.background_timeout, self._limits.archive_bytes)
        async with self._at(commit_id) as kept:
            place = Place(self.url, kept.directory)
            async with self._fossil.tarball(place, commit_id, bounds) as running:

                async def packed() -> AsyncGenerator[bytes]:
                    async for piece in running:
                        yield piece
                    finished = await running.finish()
                    if finished.code:
                        raise await self._given_up(kept, finished)

                async with aclosing(packed()) as pieces, aclosing(self._unpacked(pieces)) as unpacked:
                    yield unpacked

    # --- the kept clone --------------------------------------------------------------------------

    async def _refresh(self) -> _Known:
        for _ in range(_ATTEMPTS):
            async with self._home.use(self._label, self.url, self._clone) as kept:
                if await self._pull(kept):
                    refs = names_of(self.url, await self._rows(kept, NAMES))
                    await self._tags.see(kept, refs.tags)
                    return _Known(refs, kept)
                await self._home.discard(kept)
        raise UpstreamUnavailable(self.url, "it becomes another repository while it is being read")

    async def _clone(self, directory: Path) -> None:
        access = await self._source.reach()
        place = Place(self.url, directory)
        finished = await self._fossil.clone(place, access, self._fetch)
        if finished.code:
            raise remote_failure(PHRASES, self._source, finished, access)
        # Fossil takes any answer of a web server for a repository with nothing in it.
        if not rows((await self._fossil.query(place, PROJECT)).stdout):
            raise self._source.unreadable()

    async def _pull(self, kept: Kept) -> bool:
        """Fetch what is new. False when another repository has taken the place of this one."""
        access = await self._source.reach()
        async with self._home.writing(kept, lambda _: None) as held:
            place = Place(self.url, kept.directory, keep=(held,))
            finished = await self._fossil.pull(place, access, self._fetch)
        if not finished.code:
            return True
        if WRONG_PROJECT.search(finished.stderr):
            return False
        raise remote_failure(PHRASES, self._source, finished, access)

    @asynccontextmanager
    async def _opened(self) -> AsyncIterator[Kept]:
        """Hand out the clone, as new as the names are."""
        known = await self._known.get()
        async with self._home.use(self._label, self.url, self._clone) as kept:
            yield kept if kept is known.kept else (await self._known.renew()).kept

    @asynccontextmanager
    async def _at(self, commit_id: str) -> AsyncIterator[Kept]:
        """Hand out the clone with a check-in in it. Raises NotExist when it cannot be reached."""
        async with self._opened() as kept:
            if not is_full_id(commit_id) or await self._commit(kept, commit_id) is None:
                raise unreachable(self.url, commit_id)
            yield kept

    async def _commit(self, kept: Kept, digits: str) -> Commit | None:
        found = await self._rows(kept, commits_query(digits))
        return commit_of(found[0]) if len(found) == 1 else None

    async def _rows(self, kept: Kept, sql: str, bounds: Bounds = LOCAL) -> list[list[Any]]:
        finished = await self._fossil.query(Place(self.url, kept.directory), sql, bounds)
        found = rows(finished.stdout)
        if found is None:
            raise await self._given_up(kept, finished)
        return found

    async def _given_up(self, kept: Kept, finished: Finished) -> Error:
        """Return what a failed run means; a clone that cannot be read is removed, to be made anew."""
        error = local_failure(PHRASES, self.url, finished)
        if isinstance(error, StorageBroken):
            await self._home.discard(kept)
        return error

    async def _unpacked(self, packed: AsyncIterator[bytes]) -> AsyncGenerator[bytes]:
        unpacking = zlib.decompressobj(wbits=zlib.MAX_WBITS | 16)  # gzip
        left = self._limits.archive_bytes
        async for piece in packed:
            rest = piece
            while rest:
                try:
                    data = await asyncio.to_thread(unpacking.decompress, rest, _PIECE_BYTES)
                except zlib.error as error:
                    raise UpstreamBadAnswer(self.url, "fossil's archive is not compressed") from error
                rest = unpacking.unconsumed_tail
                left -= len(data)
                if left < 0:
                    reason = f"a check-in has more than {self._limits.archive_bytes} bytes"
                    raise UpstreamBadAnswer(self.url, reason)
                yield data
