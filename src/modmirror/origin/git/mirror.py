"""One kept bare mirror: what has been fetched, what still has to be, and the objects in it.

It starts with single commits, fetched without history when someone asks for what a name points at, and is
completed when ancestry, or a commit that no name points at, must be known. Once complete it stays so, and
only news are fetched. The names in it are those of the remote side, so that what can be reached from them
is what exists (protocol.md D.6); nothing else is ever fetched.
"""

from __future__ import annotations

from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from cachetools import LRUCache

from modmirror.errors import NotExist, UpstreamBadAnswer, UpstreamUnavailable
from modmirror.origin.git.failures import no_shallow, remote_failure, too_large
from modmirror.origin.git.local import LocalGit
from modmirror.origin.git.objects import parse_commit
from modmirror.origin.git.refs import digest_of
from modmirror.singleflight import SingleFlight

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable
    from pathlib import Path

    from modmirror.origin.access.git import GitAccess
    from modmirror.origin.git.command import Git, Place
    from modmirror.origin.git.refs import Format, RemoteRefs
    from modmirror.origin.keeping.kept import Kept, KeptRepositories
    from modmirror.origin.port import Commit
    from modmirror.origin.processes.process import Bounds

_COMPLETE = "modmirror-complete"
"""A file that says: all history that names lead to has once been fetched."""
_SHALLOW = "shallow"
_HEAD = "refs/modmirror/head"
"""What HEAD points at when no branch does."""
_ATTRIBUTES = "* -export-subst -export-ignore -filter\n"
"""protocol.md C.3: wins over what commits say. No filter is configured; this makes two of that."""
_CONFIG: dict[Format, str] = {
    "sha1": "[core]\nrepositoryformatversion = 0\nbare = true\n",
    "sha256": "[core]\nrepositoryformatversion = 1\nbare = true\n[extensions]\nobjectformat = sha256\n",
}
"""By how objects are named (gitrepository-layout)."""
_MAX_PACKS = 30
_FETCHED_ALONG = 15
"""Names that are fetched together with one."""
_MAX_COMMIT_BYTES = 1 << 20
_MAX_FILES = 1_000_000
"""In the tree of a commit; trees that hold each other can have any number, and take no space."""
_MAX_NAME_BYTES = 256 << 20
_COMMITS = 4096
"""Commits remembered, a few hundred bytes each."""


@dataclass(frozen=True, slots=True)
class Remote:
    """How to reach the remote side of a mirror."""

    reach: Callable[[], Awaitable[GitAccess]]
    """Asked before every contact: tokens and addresses do not last."""
    unreadable: Callable[[], NotExist]
    """Makes the error for a repository that is not there, or not for us."""
    fetch: Bounds
    """What a fetch may use."""


async def make_mirror(directory: Path, format_: Format) -> None:
    """Make an empty mirror in an empty directory, as ``git init --bare`` does, in a tenth of its time."""
    for folder in ("info", "objects/info", "objects/pack", "refs/heads", "refs/tags"):
        (directory / folder).mkdir(parents=True)
    (directory / "config").write_text(_CONFIG[format_])
    (directory / "info" / "attributes").write_text(_ATTRIBUTES)
    (directory / "HEAD").write_text("ref: refs/heads/main\n")


def mend_mirror(directory: Path) -> None:
    """Remove what a git that was killed left behind. Nobody may be writing."""
    for path in directory.rglob("*.lock"):
        # No branch or tag can have such a name.
        path.unlink(missing_ok=True)
    objects = directory / "objects"
    for path in (*objects.rglob("tmp_*"), *objects.rglob(".tmp-*")):
        path.unlink(missing_ok=True)


class _NoCommitError(Exception):
    """An id that was thought to be a commit's is that of a tree or a file."""


class Mirror:
    """What is known of one mirror as long as its directory stays the same."""

    def __init__(self, git: Git, kept: Kept, home: KeptRepositories, remote: Remote) -> None:
        self.kept = kept
        self.local = LocalGit(git, kept, home)
        self._git = git
        self._home = home
        self._remote = remote
        self._fetches: SingleFlight[str, None] = SingleFlight()
        self._wanted = set[str]()
        """Names that callers wait for while another fetch is running."""
        self._known: LRUCache[str, Commit] = LRUCache(_COMMITS)
        self._found: LRUCache[tuple[str, str], tuple[str, ...]] = LRUCache(_COMMITS)
        self._sized: LRUCache[str, bool] = LRUCache(_COMMITS)
        self._synced = ""
        """Digest of the names that it has been brought up to."""
        self._empty = True
        """Nothing is known to have been fetched yet."""
        self._shallow = True
        """The server can leave history out, as far as is known."""

    # --- commits ---------------------------------------------------------------------------------

    async def reach(self, commit_id: str, remote: RemoteRefs) -> Commit | None:
        """Return a commit if a name of the remote side leads to it, fetching it first if need be."""
        try:
            name = remote.names.get(commit_id)
            if name is not None:
                return await self._tip(commit_id, name, remote)
            found = commit_id in await self.reachable(commit_id, remote)
            return await self._look(commit_id) if found else None
        except _NoCommitError:
            return None

    async def reachable(self, prefix: str, remote: RemoteRefs) -> tuple[str, ...]:
        """Return the ids of all commits that begin with ``prefix`` and that a name leads to.

        All history is read, as fast as git can say it: asking for each name whether it leads to a commit
        takes far longer where there are many, and git's quicker answers trust the clocks of committers.
        """
        await self.complete(remote)
        key = (remote.digest, prefix)
        if key not in self._found:
            start, rest, found = prefix.encode(), b"", set[str]()
            async with self.local.stream("rev-list", "--all") as pieces:
                async for piece in pieces:
                    *lines, rest = (rest + piece).split(b"\n")
                    found.update(line.decode() for line in lines if line.startswith(start))
            self._found[key] = tuple(sorted(found))
        return self._found[key]

    async def check_size(self, commit_id: str) -> None:
        """See to it that the tree of a commit can be archived: git holds all its names in memory.

        Raises:
            NotExist: there are too many of them.
        """
        if commit_id in self._sized:
            return
        files = length = 0
        async with self.local.stream("ls-tree", "-r", "-z", "--name-only", commit_id) as pieces:
            async for piece in pieces:
                files += piece.count(b"\0")
                length += len(piece)
                if files > _MAX_FILES or length > _MAX_NAME_BYTES:
                    reason = f"commit {commit_id} of {self.kept.source} has more than {_MAX_FILES} files"
                    raise NotExist(reason, hint="A module has far fewer: leave generated files out.")
        self._sized[commit_id] = True

    async def _tip(self, commit_id: str, name: str, remote: RemoteRefs) -> Commit | None:
        # Nothing is looked for where nothing is: so those who begin together wait for one fetch together.
        found = None if self._is_empty() else await self._look(commit_id)
        if found is None and self._may_be_shallow():
            await self._fetches.result(name, lambda: self._fetch_one(name))
            found = await self._look(commit_id)
        if found is None:
            # Complete already, no use for single commits, or the name has moved since it was listed.
            await self.complete(remote)
            found = await self._look(commit_id)
        return found

    async def _look(self, commit_id: str) -> Commit | None:
        """Return a commit that is here, None when it is not."""
        known = self._known.get(commit_id)
        if known is None:
            async with self.local.object(commit_id) as (header, pieces):
                if header is None:
                    return None
                if header.type != "commit":
                    raise _NoCommitError
                content = await self.local.whole(header, pieces, _MAX_COMMIT_BYTES)
            known = parse_commit(commit_id, content)
            if known is None:
                raise UpstreamBadAnswer(self.kept.source, f"commit {commit_id} has no time")
            self._known[commit_id] = known
        return known

    # --- fetching --------------------------------------------------------------------------------

    async def complete(self, remote: RemoteRefs) -> None:
        """See to it that all history is here that the names of the remote side lead to."""
        # Whoever joins work that was begun with older names goes on with newer ones.
        while self._synced != remote.digest:
            await self._fetches.result("", lambda: self._complete(remote))

    async def _complete(self, remote: RemoteRefs) -> None:
        if not (self._is_complete() and await self._digest() == remote.digest):
            async with self._writing() as place:
                unshallow = (self.kept.directory / _SHALLOW).exists() and not self._is_complete()
                options = ("--prune", *(["--unshallow"] if unshallow else []))
                await self._fetch(place, options, _all_names(remote))
                (self.kept.directory / _COMPLETE).touch()
                # Questions about ancestry read every name and walk all commits: one file for each of both.
                await self._change(place, "pack-refs", "--all")
                await self._change(place, "commit-graph", "write", "--reachable", "--split")
                await self._tidy(place)
        # Names that git will not store make the two digests differ for ever: once is enough.
        self._synced = remote.digest

    async def _fetch_one(self, name: str) -> None:
        """Fetch what a name points at, along with what others have come to wait for meanwhile."""
        self._wanted.add(name)
        try:
            async with self._writing() as place:
                # Else it was completed, or fetched along with another, while this waited for its turn.
                if self._may_be_shallow() and name in self._wanted:
                    await self._fetch_wanted(place, name)
                    await self._tidy(place)
        finally:
            self._wanted.discard(name)

    async def _fetch_wanted(self, place: Place, name: str) -> None:
        others = sorted(self._wanted - {name})[:_FETCHED_ALONG]
        try:
            await self._fetch_names(place, name, *others)
        except UpstreamUnavailable:
            if not others:
                raise
            # One of the others may be gone by now: that is nobody's trouble but its own.
            await self._fetch_names(place, name)
        else:
            self._wanted.difference_update(others)

    async def _fetch_names(self, place: Place, *names: str) -> None:
        refspecs = (f"+{name}:{_HEAD if name == 'HEAD' else name}" for name in names)
        await self._fetch(place, ("--depth=1",), tuple(refspecs))

    async def _fetch(self, place: Place, options: tuple[str, ...], refspecs: tuple[str, ...]) -> None:
        access = await self._remote.reach()
        finished = await self._git.fetch(place, access, options, refspecs, self._remote.fetch)
        if not finished.code:
            return
        if "--depth=1" in options and no_shallow(finished):
            self._shallow = False
            return
        if _is_cut_off(self.kept.directory, self._remote.fetch.file_bytes):
            raise too_large(self.kept.source)
        raise remote_failure(self.kept.source, finished, access, self._remote.unreadable)

    async def _tidy(self, place: Place) -> None:
        """Put packs together when there are many: each fetch leaves one, and each lookup asks them all."""
        if sum(1 for _ in (self.kept.directory / "objects" / "pack").glob("*.pack")) > _MAX_PACKS:
            # Small ones into larger ones, so that the large ones are seldom written again.
            await self._change(place, "repack", "--quiet", "-d", "--geometric=2")

    @asynccontextmanager
    async def _writing(self) -> AsyncIterator[Place]:
        async with self._home.writing(self.kept, mend_mirror) as held:
            yield replace(self.local.place, keep=(held,))

    async def _change(self, place: Place, *arguments: str) -> None:
        await self.local.check(await self._git.change(place, arguments, self._remote.fetch))

    async def _digest(self) -> str:
        answer = await self.local.ask(
            "for-each-ref", "--format=%(objectname) %(refname)", "refs/heads", "refs/tags"
        )
        return digest_of(answer.decode("utf-8", "replace").splitlines())

    def _is_empty(self) -> bool:
        """Tell whether nothing has been fetched yet: whatever is fetched becomes a pack."""
        self._empty = self._empty and not any((self.kept.directory / "objects" / "pack").glob("*.pack"))
        return self._empty

    def _is_complete(self) -> bool:
        return (self.kept.directory / _COMPLETE).exists()

    def _may_be_shallow(self) -> bool:
        return self._shallow and not self._is_complete()


def _is_cut_off(directory: Path, limit: int) -> bool:
    """Tell whether a pack has met the limit on files: its writer ends without a word, and leaves it."""
    packs = (directory / "objects" / "pack").glob("tmp_pack_*")
    return any(path.stat().st_size >= limit for path in packs)


def _all_names(remote: RemoteRefs) -> tuple[str, ...]:
    """Return refspecs for all that exists; HEAD only where no branch stands for it."""
    refs = remote.refs
    lone = refs.head and refs.head not in refs.branches.values()
    return ("+refs/heads/*:refs/heads/*", "+refs/tags/*:refs/tags/*", *([f"+HEAD:{_HEAD}"] if lone else []))
