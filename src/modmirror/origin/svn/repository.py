"""A Subversion repository behind the port of origins (:mod:`modmirror.origin.port`).

Its commits are the revisions that changed what is at the URL; there is no ancestry to speak of, so every
pseudo-version is of the first form (protocol.md A.6). Tags are directories beside the trunk. The go command
can make no version of them; here the plain ones are versions.
"""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, ClassVar, NamedTuple

from modmirror.errors import Error, UpstreamBadAnswer
from modmirror.origin.keeping.disk import on_disk
from modmirror.origin.keeping.remembered import Remembered
from modmirror.origin.keeping.tagwatch import TagWatch
from modmirror.origin.port import Refs
from modmirror.origin.processes.failures import remote_failure, unreachable
from modmirror.origin.processes.process import Bounds
from modmirror.origin.svn.answers import (
    History,
    parse_changes,
    parse_history,
    parse_info,
    parse_names,
    parse_revision,
    plain_copies,
)
from modmirror.origin.svn.command import CONFIG, NO_SUCH_PATH, PHRASES, Target, Words
from modmirror.origin.svn.export import size_of, tar_of
from modmirror.origin.treepaths import is_plain_path

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator
    from pathlib import Path

    from modmirror.origin.access.vcs import VcsSource
    from modmirror.origin.keeping.terms import Terms
    from modmirror.origin.port import Commit
    from modmirror.origin.processes.running import Finished
    from modmirror.origin.svn.answers import Info
    from modmirror.origin.svn.command import Svn

_TRUNK = "trunk"
_LIST_BYTES = 64 << 20
_LOOK_SECONDS = 0.5
"""Between looks at how large an export has become."""
_LOG = ("--xml", "--quiet", "--stop-on-copy")
_EXPORT = ("--quiet", "--native-eol=LF", "--ignore-externals", "--ignore-keywords")
"""protocol.md C.3."""
_LINK = b"link "
"""What the content of a symbolic link begins with; that it is one, a property says."""
_SPECIAL = b'"svn:special"'


class _Known(NamedTuple):
    """The repository at one moment."""

    info: Info
    history: History
    refs: Refs


class SvnRepository:
    """See :class:`modmirror.origin.port.Repository`."""

    vcs: ClassVar[str] = "svn"

    def __init__(self, svn: Svn, source: VcsSource, terms: Terms) -> None:
        """Ask ``source``, note its tags in the home of ``terms``."""
        self.url = source.url
        self._svn = svn
        self._home = terms.home
        self._source = source
        self._limits = limits = terms.limits
        self._label = f"svn\0{source.audience}"
        self._tags = TagWatch(terms.home, terms.on_tags)
        self._names = Remembered(self._refresh, limits.refresh, terms.ticks)
        self._last: _Known | None = None

    @property
    def age(self) -> float:
        """See the port."""
        return self._names.age

    async def refs(self) -> Refs:
        """See the port. The only branch is the trunk: a revision number says nothing of another."""
        return (await self._names.get()).refs

    async def commit(self, commit_id: str) -> Commit | None:
        """See the port."""
        commit = await self.find(commit_id)
        return commit if commit is not None and commit.id == commit_id else None

    async def find(self, prefix: str) -> Commit | None:
        """See the port. A revision that changed nothing here is the one before it that did, as for go."""
        known = await self._names.get()
        revision = parse_revision(prefix)
        return None if revision is None or revision > known.info.youngest else known.history.at(revision)

    async def read(self, commit_id: str, path: str, limit: int) -> bytes | None:
        """See the port."""
        revision = await self._reach(commit_id)
        if not is_plain_path(path):
            return None
        target = Target(path, revision)
        finished = await self._ask(
            Words("cat", ("--ignore-keywords",), target), self._limits.timeout, limit
        )
        if finished.code and NO_SUCH_PATH.search(finished.stderr):
            return None
        content = self._checked(finished).stdout
        if content.startswith(_LINK):
            listed = self._checked(
                await self._ask(Words("proplist", ("--xml",), target), self._limits.timeout)
            )
            return content.removeprefix(_LINK) if _SPECIAL in listed.stdout else content
        return content

    async def tags_before(self, commit_id: str) -> frozenset[str]:
        """See the port."""
        await self._reach(commit_id)
        return frozenset()

    @asynccontextmanager
    async def archive(self, commit_id: str, directory: str) -> AsyncIterator[AsyncIterator[bytes]]:
        """See the port."""
        target = Target(directory, await self._reach(commit_id))
        async with self._home.scratch(self.url) as scratch:
            exported = scratch / "files"
            if not directory or is_plain_path(directory):
                await self._export(target, exported)
            prefix = f"{directory}/" if directory else ""
            yield self._pieces(tar_of(exported, prefix))

    # --- questions -------------------------------------------------------------------------------

    async def _refresh(self) -> _Known:
        async with self._home.use(self._label, self.url, _make) as kept:
            try:
                known = await self._now()
                await self._tags.see(kept, known.refs.tags)
            except Error:
                if self._last is None:
                    # It may be a repository that there never was.
                    await self._home.discard(kept)
                raise
        self._last = known
        return known

    async def _now(self) -> _Known:
        finished = await self._ask(Words("info", ("--xml",)), self._limits.timeout)
        info = parse_info(self.url, self._checked(finished).stdout)
        if not info.is_directory:
            raise self._source.unreadable()
        if self._last is not None and self._last.info == info:
            return self._last
        log = Words("log", (*_LOG, f"--revision={info.youngest}:0"), Target(revision=info.youngest))
        history = parse_history(self.url, await self._long(log))
        tags = await self._tags_of(info, history) if info.path.endswith(f"/{_TRUNK}") else {}
        branches = {_TRUNK: history.head} if info.path.endswith(f"/{_TRUNK}") and history.head else {}
        return _Known(info, history, Refs(history.head, branches, tags))

    async def _tags_of(self, info: Info, history: History) -> dict[str, str]:
        target = Target("tags", info.youngest, beside=True)
        finished = await self._ask(Words("list", (), target), self._limits.timeout, _LIST_BYTES)
        if finished.code and NO_SUCH_PATH.search(finished.stderr):
            return {}
        names = parse_names(self.url, self._checked(finished).stdout)
        log = Words("log", (*_LOG, "--verbose", f"--revision={info.youngest}:0"), target)
        changes = parse_changes(self.url, await self._long(log))
        copies = plain_copies(names, f"{info.path.removesuffix(_TRUNK)}tags", changes, info.path)
        commits = {name: history.at(revision) for name, revision in copies.items()}
        return {name: commit.id for name, commit in commits.items() if commit is not None}

    async def _reach(self, commit_id: str) -> int:
        """Return the revision number of a commit. Raises NotExist."""
        if await self.commit(commit_id) is None:
            raise unreachable(self.url, commit_id)
        return int(commit_id)

    # --- runs of svn -----------------------------------------------------------------------------

    async def _ask(self, words: Words, seconds: float, output_bytes: int = 1 << 20) -> Finished:
        access = await self._source.reach()
        async with self._home.use(self._label, self.url, _make) as kept:
            bounds = Bounds(seconds, output_bytes, self._limits.archive_bytes)
            finished = await self._svn.ask(self.url, kept.directory, access, bounds, words)
        if finished.code and not NO_SUCH_PATH.search(finished.stderr):
            raise remote_failure(PHRASES, self._source, finished, access)
        return finished

    def _checked(self, finished: Finished) -> Finished:
        """Return a run that must have found what it was to look at. Raises NotExist."""
        if finished.code:
            raise self._source.unreadable()
        return finished

    async def _long(self, words: Words) -> bytes:
        return self._checked(await self._ask(words, self._limits.background_timeout, _LIST_BYTES)).stdout

    async def _export(self, target: Target, into: Path) -> None:
        """Export a directory, if it is there, and see to it that it does not grow too large."""
        words = Words("export", _EXPORT, target, (str(into),))
        run = asyncio.create_task(self._ask(words, self._limits.background_timeout))
        try:
            while not run.done():
                await asyncio.wait({run}, timeout=_LOOK_SECONDS)
                with on_disk(f"files of {self.url} cannot be read"):
                    size = await asyncio.to_thread(size_of, into)
                if size > self._limits.archive_bytes:
                    reason = f"a directory has more than {self._limits.archive_bytes} bytes"
                    raise UpstreamBadAnswer(self.url, reason)
        finally:
            run.cancel()
            await asyncio.wait({run})
        run.result()

    async def _pieces(self, pieces: Iterator[bytes]) -> AsyncIterator[bytes]:
        with on_disk(f"files of {self.url} cannot be read"):
            while (piece := await asyncio.to_thread(next, pieces, None)) is not None:
                yield piece


async def _make(directory: Path) -> None:
    (directory / CONFIG).mkdir()
