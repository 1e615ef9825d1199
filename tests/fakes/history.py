"""A small history of files that any version control system could hold, described without one.

A test writes files, commits, tags and branches here; a fake of each system renders the result
(:mod:`tests.fakes.git_pack` for git). Everything is a value, so that the same description always
gives the same commit ids.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import Enum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping


class Kind(Enum):
    """What a path is."""

    FILE = "file"
    EXECUTABLE = "executable"
    SYMLINK = "symlink"
    SUBMODULE = "submodule"


@dataclass(frozen=True, slots=True)
class Entry:
    """What is stored under one path: content, a link's target, or the commit id of a submodule."""

    data: bytes
    kind: Kind = Kind.FILE


@dataclass(frozen=True, slots=True, eq=False)
class Change:
    """One commit. Two are the same only if they are one object."""

    message: str
    tree: Mapping[str, Entry]
    parents: tuple[Change, ...]
    committed: datetime
    authored: datetime


@dataclass(frozen=True, slots=True, eq=False)
class Note:
    """An annotated tag."""

    name: str
    message: str
    of: Target
    written: datetime


@dataclass(frozen=True, slots=True)
class TreeOf:
    """The tree of a commit, as something a tag may absurdly point at."""

    change: Change


@dataclass(frozen=True, slots=True)
class FileOf:
    """A file of a commit, as above."""

    change: Change
    path: str


Target = Change | Note | TreeOf | FileOf


def day(number: int) -> datetime:
    """Return a day of January 2020, when most things happen here."""
    return datetime(2020, 1, number, tzinfo=UTC)


@dataclass
class History:
    """A repository in the making: a working tree, and what has been committed, tagged and branched."""

    name: str = "u/any"
    """Its path on the server."""
    host: str = "github.com"
    """Of its import path, for files that name their own module."""
    now: datetime = field(default_factory=lambda: day(1))
    """Time of the next commit or annotated tag."""
    head: str = "main"
    """The default branch."""
    tree: dict[str, Entry] = field(default_factory=dict)
    branches: dict[str, Change] = field(default_factory=dict)
    tags: dict[str, Target] = field(default_factory=dict)
    hidden: dict[str, Change] = field(default_factory=dict)
    """Full names of references that are neither branches nor tags, such as ``refs/pull/1/head``."""
    current: str = "main"
    """The branch that commits go to."""

    @property
    def tip(self) -> Change:
        """The last commit of the current branch."""
        return self.branches[self.current]

    def write(self, files: Mapping[str, str | bytes], kind: Kind = Kind.FILE) -> None:
        """Add or replace files."""
        for path, content in files.items():
            self.tree[path] = Entry(content.encode() if isinstance(content, str) else content, kind)

    def remove(self, *paths: str) -> None:
        """Remove files, or directories with all that is in them."""
        for path in paths:
            for known in [each for each in self.tree if each == path or each.startswith(f"{path}/")]:
                del self.tree[known]

    def commit(
        self, message: str, at: datetime | None = None, *, authored: datetime | None = None
    ) -> Change:
        """Commit the working tree to the current branch. ``at`` becomes the time from here on."""
        self.now = at or self.now
        parent = self.branches.get(self.current)
        parents = (parent,) if parent else ()
        made = Change(message, dict(self.tree), parents, self.now, authored or self.now)
        self.branches[self.current] = made
        return made

    def merge(self, other: Change, message: str, at: datetime | None = None) -> Change:
        """Commit the working tree with a second parent."""
        self.now = at or self.now
        made = Change(message, dict(self.tree), (self.tip, other), self.now, self.now)
        self.branches[self.current] = made
        return made

    def tag(self, *names: str, of: Target | None = None) -> None:
        """Put plain tags on a commit (default: the tip)."""
        for name in names:
            self.tags[name] = of or self.tip

    def annotate(self, name: str, message: str, of: Target | None = None) -> None:
        """Put an annotated tag on a commit, or on another tag."""
        self.tags[name] = Note(name, message, of or self.tip, self.now)

    def branch(self, *names: str) -> None:
        """Make branches at the tip without going there."""
        for name in names:
            self.branches[name] = self.tip

    def switch(self, branch: str, at: Change | None = None) -> None:
        """Go to a branch and its files. If there is none, it is made at ``at`` or at the tip."""
        if branch not in self.branches:
            self.branches[branch] = at or self.tip
        self.current = branch
        self.tree = dict(self.tip.tree)

    def reset(self, to: Change) -> None:
        """Move the current branch to another commit."""
        self.branches[self.current] = to
        self.tree = dict(to.tree)
