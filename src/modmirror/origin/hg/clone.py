"""One kept clone: what is fetched into it, and what it is asked. It has no working copy."""

from __future__ import annotations

from contextlib import aclosing, asynccontextmanager
from dataclasses import replace
from typing import TYPE_CHECKING

from cachetools import LRUCache

from modmirror.errors import Error, StorageBroken
from modmirror.origin.hg.answers import FIELDS, commit_of, parse_changes
from modmirror.origin.hg.command import LOCAL, PHRASES, REMOTE, Place
from modmirror.origin.processes.failures import local_failure, remote_failure
from modmirror.origin.processes.process import Bounds

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, AsyncIterator
    from pathlib import Path

    from modmirror.origin.access.vcs import VcsSource
    from modmirror.origin.hg.answers import Change
    from modmirror.origin.hg.command import Hg
    from modmirror.origin.keeping.kept import Kept, KeptRepositories
    from modmirror.origin.limits import RepositoryLimits
    from modmirror.origin.port import Commit
    from modmirror.origin.processes.running import Finished

_COMMITS = 4096
"""Commits remembered, a few hundred bytes each."""
_LOCKS = (".hg/wlock", ".hg/store/lock")
_JOURNAL = ".hg/store/journal"
_CHANGESETS = ".hg/store/00changelog.i"
_NOTHING_TO_SEND = 1
"""Exit code of ``hg outgoing``."""


async def make_clone(hg: Hg, url: str, directory: Path) -> None:
    """Make an empty clone in an empty directory."""
    finished = await hg.ask(Place(url, directory), "init", ".")
    if finished.code:
        raise local_failure(PHRASES, url, finished)


def mend_clone(directory: Path) -> None:
    """Remove the locks of an hg that was killed. Nobody may be writing."""
    for name in _LOCKS:
        (directory / name).unlink(missing_ok=True)


class Clone:
    """A clone as long as its directory stays the same.

    All methods raise StorageBroken when it cannot be read: it is given up then, and made anew by the next
    caller. They also raise what :meth:`modmirror.origin.processes.process.Tool.run` does.
    """

    def __init__(
        self, hg: Hg, kept: Kept, home: KeptRepositories, source: VcsSource, limits: RepositoryLimits
    ) -> None:
        self.kept = kept
        self._hg = hg
        self._home = home
        self._source = source
        self._place = Place(source.url, kept.directory)
        self._fetch = Bounds(limits.background_timeout, LOCAL.output_bytes, home.max_bytes)
        self._commits: LRUCache[str, Commit] = LRUCache(_COMMITS)

    # --- from the remote side --------------------------------------------------------------------

    async def pull(self) -> bool:
        """Fetch what is new. False when the remote side no longer has all that is here.

        Raises:
            NotExist, UpstreamError: the remote side could not be read.
        """
        try:
            return await self._pull()
        except Error:
            if self._is_empty():
                # Nothing ever came: it may be a repository that there never was.
                await self._home.discard(self.kept)
            raise

    async def _pull(self) -> bool:
        access = await self._source.reach()
        async with self._home.writing(self.kept, mend_clone) as held:
            place = replace(self._place, keep=(held,))
            if (self.kept.directory / _JOURNAL).exists():
                await self._check(await self._hg.ask(place, "recover", bounds=self._fetch))
            empty = self._is_empty()
            pull = ("pull", "--quiet", "--force", "--", REMOTE)
            pulled = await self._hg.contact(place, access, self._fetch, *pull)
            if pulled.code:
                raise remote_failure(PHRASES, self._source, pulled, access)
            if empty:
                return True  # what was not here cannot have been lost
            compare = ("outgoing", "--quiet", "--force", "--limit=1", "--template={node}", "--", REMOTE)
            compared = await self._hg.contact(place, access, self._fetch, *compare)
            if compared.code not in {0, _NOTHING_TO_SEND}:
                raise remote_failure(PHRASES, self._source, compared, access)
            return compared.code == _NOTHING_TO_SEND

    def _is_empty(self) -> bool:
        return not (self.kept.directory / _CHANGESETS).exists()

    # --- from the clone --------------------------------------------------------------------------

    async def changes(self, revset: str) -> list[Change]:
        """Return the changesets of a revset, which holds no one else's words."""
        finished = await self._hg.ask(self._place, "log", f"--rev={revset}", f"--template={FIELDS}")
        await self._check(finished)
        return parse_changes(self._source.url, finished.stdout)

    async def commit(self, digits: str) -> Commit | None:
        """Return the one changeset whose id begins with ``digits``, None for none or several."""
        commit = self._commits.get(digits)
        if commit is None:
            # "all()" leaves out what hg makes up: the parent of the first and the child of the last.
            found = [commit_of(change) for change in await self.changes(f"id({digits}) and all()")]
            commit = found[0] if found else None
            if commit is not None:
                self._commits[commit.id] = commit
        return commit

    @asynccontextmanager
    async def archive(
        self, commit_id: str, path: str, bounds: Bounds
    ) -> AsyncIterator[AsyncIterator[bytes] | None]:
        """Yield a tar of what is at or below ``path``, None when nothing is.

        The stream raises at its end if hg failed.
        """
        wanted = (f"--include=path:{path}",) if path else ()
        words = ("archive", "--type=tar", "--no-decode", f"--rev={commit_id}", "--prefix=.", *wanted)
        async with self._hg.read(self._place, (*words, "--", "-"), bounds) as running:
            first = await anext(running, b"")
            if not first:
                await self._check_nothing(await running.finish())
                yield None
                return

            async def pieces() -> AsyncGenerator[bytes]:
                yield first
                async for piece in running:
                    yield piece
                await self._check(await running.finish())

            async with aclosing(pieces()) as stream:
                yield stream

    async def _check_nothing(self, finished: Finished) -> None:
        if "no files match the archive pattern" not in finished.stderr:
            await self._check(finished)

    async def _check(self, finished: Finished) -> None:
        if not finished.code:
            return
        error = local_failure(PHRASES, self._source.url, finished)
        if isinstance(error, StorageBroken):
            await self._home.discard(self.kept)
        raise error
