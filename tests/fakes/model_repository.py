"""A repository in memory: commits, branches, tags, files and links. It stands in for any version control.

It answers like a bare mirror of a remote repository (`modmirror.origin.port`), and keeps a record of what
was asked, so that a test can say which questions were needed.
"""

from __future__ import annotations

import hashlib
import io
import tarfile
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, TypeAlias

from modmirror.errors import UpstreamBadAnswer
from modmirror.origin.port import Commit, Refs

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator, Mapping

SHORT = 12
CHUNK = 4096
EPOCH = "2020-01-01T00:00:00Z"


@dataclass(frozen=True, slots=True)
class Link:
    """A symbolic link."""

    target: str


Content: TypeAlias = "str | bytes | Link | None"
"""What a commit does to one file; None removes it."""


@dataclass(frozen=True, slots=True)
class _Change:
    commit: Commit
    parents: tuple[str, ...]
    files: Mapping[str, bytes | Link]


class ModelRepository:
    """One repository. Commits build on HEAD's branch, which is ``main``, unless told otherwise."""

    def __init__(self, url: str = "https://github.com/u/model", *, vcs: str = "git") -> None:
        self.vcs = vcs
        self.url = url
        self.age = 0.0
        self.asked: list[tuple[str, ...]] = []
        self.head_branch = "main"
        self.branches: dict[str, str] = {}
        self.tags: dict[str, str] = {}
        self._changes: dict[str, _Change] = {}

    # --- building ---

    def add(
        self,
        files: Mapping[str, Content],
        *,
        at: str = EPOCH,
        branch: str = "main",
        parents: tuple[str, ...] | None = None,
        id: str = "",  # noqa: A002 - it is what the port calls it
    ) -> str:
        """Add a commit to a branch and return its id: a given one, or one made from what it holds."""
        if parents is None:
            parents = (self.branches[branch],) if branch in self.branches else ()
        tree = dict(self._changes[parents[0]].files) if parents else {}
        for path, content in files.items():
            if content is None:
                del tree[path]
            else:
                tree[path] = content.encode() if isinstance(content, str) else content
        time = datetime.fromisoformat(at).astimezone(UTC)
        made = id or hashlib.sha1(repr((parents, sorted(tree.items()), at)).encode()).hexdigest()  # noqa: S324 - the shape of git's ids
        self._changes[made] = _Change(Commit(made, made[:SHORT], time), parents, tree)
        self.branches[branch] = made
        return made

    def tag(self, commit_id: str, *names: str) -> None:
        """Let tags point at a commit, or at the id of something that is no commit."""
        self.tags.update(dict.fromkeys(names, commit_id))

    def files(self, commit_id: str) -> frozenset[str]:
        """Return the paths of all files of a commit."""
        return frozenset(self._changes[commit_id].files)

    # --- the port ---

    async def refs(self) -> Refs:
        self.asked.append(("refs",))
        return self.snapshot()

    def snapshot(self) -> Refs:
        """Return the names as they are now, without asking."""
        return Refs(self.branches.get(self.head_branch, ""), dict(self.branches), dict(self.tags))

    async def commit(self, commit_id: str) -> Commit | None:
        self.asked.append(("commit", commit_id))
        return self._reachable().get(commit_id)

    async def find(self, prefix: str) -> Commit | None:
        self.asked.append(("find", prefix))
        found = [commit for key, commit in self._reachable().items() if key.startswith(prefix)]
        return found[0] if len(found) == 1 else None

    async def read(self, commit_id: str, path: str, limit: int) -> bytes | None:
        self.asked.append(("read", commit_id, path))
        content = self._changes[commit_id].files.get(path)
        data = content.target.encode() if isinstance(content, Link) else content
        if data is not None and len(data) > limit:
            raise UpstreamBadAnswer(self.url, f"{path} has more than {limit} bytes")
        return data

    async def tags_before(self, commit_id: str) -> frozenset[str]:
        self.asked.append(("tags_before", commit_id))
        history = set(self._history(commit_id))
        return frozenset(name for name, target in self.tags.items() if target in history)

    @asynccontextmanager
    async def archive(self, commit_id: str, directory: str) -> AsyncIterator[AsyncIterator[bytes]]:
        self.asked.append(("archive", commit_id, directory))
        data = self._tar(commit_id, f"{directory}/" if directory else "")

        async def chunks() -> AsyncIterator[bytes]:
            for at in range(0, len(data), CHUNK):
                yield data[at : at + CHUNK]

        yield chunks()

    # --- inside ---

    def _history(self, commit_id: str) -> Iterator[str]:
        waiting, seen = [commit_id], set()
        while waiting:
            current = waiting.pop()
            if current not in seen and current in self._changes:
                seen.add(current)
                yield current
                waiting += self._changes[current].parents

    def _reachable(self) -> dict[str, Commit]:
        named = [*self.branches.values(), *self.tags.values()]
        return {key: self._changes[key].commit for name in named for key in self._history(name)}

    def _tar(self, commit_id: str, prefix: str) -> bytes:
        buffer = io.BytesIO()
        with tarfile.open(fileobj=buffer, mode="w", format=tarfile.PAX_FORMAT) as tar:
            for path, content in sorted(self._changes[commit_id].files.items()):
                if path.startswith(prefix):
                    entry = tarfile.TarInfo(path)
                    if isinstance(content, Link):
                        entry.type, entry.linkname = tarfile.SYMTYPE, content.target
                        tar.addfile(entry)
                    else:
                        entry.size = len(content)
                        tar.addfile(entry, io.BytesIO(content))
        return buffer.getvalue()
