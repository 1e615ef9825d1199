"""A git repository behind the port of origins (:mod:`modmirror.origin.port`)."""

from __future__ import annotations

from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, ClassVar

from modmirror.origin.emptytar import empty_archive
from modmirror.origin.git.mirror import Mirror, Remote, make_mirror
from modmirror.origin.git.names import RemoteNames
from modmirror.origin.git.objects import is_full_id, is_prefix
from modmirror.origin.keeping.remembered import Remembered
from modmirror.origin.keeping.tagchanges import format_tags, parse_tags, tag_changes
from modmirror.origin.keeping.tagwatch import TAGS_FILE
from modmirror.origin.processes.failures import unreachable
from modmirror.origin.processes.process import Bounds
from modmirror.origin.treepaths import is_plain_path

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from modmirror.origin.git.command import Git
    from modmirror.origin.git.refs import RemoteRefs
    from modmirror.origin.git.source import GitSource
    from modmirror.origin.keeping.terms import Terms
    from modmirror.origin.port import Commit, Refs


class GitRepository:
    """See :class:`modmirror.origin.port.Repository`."""

    vcs: ClassVar[str] = "git"

    def __init__(self, git: Git, source: GitSource, terms: Terms) -> None:
        """Ask ``source``, keep what it sends in the home of ``terms``."""
        self.url = source.url
        self._git = git
        self._home = terms.home
        self._source = source
        self._limits = limits = terms.limits
        self._on_tags = terms.on_tags
        fetch = Bounds(limits.background_timeout, file_bytes=terms.home.max_bytes)
        self._remote = Remote(source.reach, source.unreadable, fetch)
        self._remote_names = RemoteNames(git, source, terms.home.root, limits.timeout)
        self._names = Remembered(self._ask, limits.refresh, terms.ticks)
        self._last: RemoteRefs | None = None
        self._mirror: Mirror | None = None
        self._noted = ""
        """Digest of the names whose tags are on disk."""

    @property
    def age(self) -> float:
        """See the port."""
        return self._names.age

    async def refs(self) -> Refs:
        """See the port."""
        return (await self._names.get()).refs

    async def commit(self, commit_id: str) -> Commit | None:
        """See the port."""
        names = await self._names.get()
        if not is_full_id(commit_id):
            return None
        async with self._opened(names) as mirror:
            return await mirror.reach(commit_id, names)

    async def find(self, prefix: str) -> Commit | None:
        """See the port. One that a name points at is found without looking further, as go does it."""
        names = await self._names.get()
        if not is_prefix(prefix):
            return None
        named = [commit for commit in names.names if commit.startswith(prefix)]
        async with self._opened(names) as mirror:
            commits = [commit for each in named if (commit := await mirror.reach(each, names)) is not None]
            if not commits:
                reachable = await mirror.reachable(prefix, names)
                commits = [each for one in reachable[:2] if (each := await mirror.reach(one, names))]
            return commits[0] if len(commits) == 1 else None

    async def read(self, commit_id: str, path: str, limit: int) -> bytes | None:
        """See the port."""
        async with self._at(commit_id) as (mirror, _):
            return await mirror.local.file(f"{commit_id}:{path}", limit) if is_plain_path(path) else None

    async def tags_before(self, commit_id: str) -> frozenset[str]:
        """See the port."""
        async with self._at(commit_id) as (mirror, names):
            await mirror.complete(names)
            arguments = ("--format=%(refname:strip=2)", f"--merged={commit_id}", "refs/tags")
            answer = await mirror.local.ask("for-each-ref", *arguments)
            return frozenset(answer.decode("utf-8", "replace").splitlines())

    @asynccontextmanager
    async def archive(self, commit_id: str, directory: str) -> AsyncIterator[AsyncIterator[bytes]]:
        """See the port."""
        bounds = Bounds(self._limits.background_timeout, self._limits.archive_bytes)
        async with self._at(commit_id) as (mirror, _):
            name = f"{commit_id}:{directory}"
            if directory and not (is_plain_path(directory) and await mirror.local.is_tree(name)):
                yield empty_archive()
                return
            await mirror.check_size(commit_id)
            arguments = ("archive", "--format=tar", "--end-of-options", commit_id)
            paths = (directory,) if directory else ()
            async with mirror.local.stream(*arguments, *paths, bounds=bounds) as pieces:
                yield pieces

    # --- names -----------------------------------------------------------------------------------

    async def _ask(self) -> RemoteRefs:
        names = await self._remote_names.ask()
        if names is not self._last:
            await self._compare(names)
            self._last = names
        return names

    async def _compare(self, names: RemoteRefs) -> None:
        if self._last is not None:
            before = dict(self._last.refs.tags)
        else:
            directory = self._home.find(self._label(names), self.url)
            before = parse_tags(await self._home.load(directory, TAGS_FILE)) if directory else {}
        changes = tag_changes(before, names.refs.tags)
        if changes:
            self._on_tags(self.url, changes)

    # --- the kept mirror -------------------------------------------------------------------------

    @asynccontextmanager
    async def _at(self, commit_id: str) -> AsyncIterator[tuple[Mirror, RemoteRefs]]:
        """Hand out the mirror with a commit in it.

        Raises:
            NotExist: no name leads to the commit.
        """
        names = await self._names.get()
        async with self._opened(names) as mirror:
            if not is_full_id(commit_id) or await mirror.reach(commit_id, names) is None:
                raise unreachable(self.url, commit_id)
            yield mirror, names

    @asynccontextmanager
    async def _opened(self, names: RemoteRefs) -> AsyncIterator[Mirror]:
        label = self._label(names)
        async with self._home.use(label, self.url, lambda path: make_mirror(path, names.format)) as kept:
            if self._mirror is None or self._mirror.kept is not kept:
                # Evicted and made again: nothing that was known of the old one holds.
                self._mirror = Mirror(self._git, kept, self._home, self._remote)
                self._noted = ""
            yield self._mirror
            # Not before: callers who begin together shall get to the same fetch together.
            if self._noted != names.digest:
                self._noted = names.digest
                await self._home.store(kept, TAGS_FILE, format_tags(names.refs.tags))

    def _label(self, names: RemoteRefs) -> str:
        # One of the other object format is another repository, even at the same URL.
        return "\0".join((f"git-{names.format}", self._source.audience))
