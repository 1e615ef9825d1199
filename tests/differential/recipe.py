"""A repository as a list of steps: random ones are made of them, and failing ones are made shorter."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

from tests.fakes.history import FileOf, History, Kind, TreeOf, day

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence


REPOSITORY = "{repository}"
"""Stands for the repository's import path in files, so that one recipe makes many repositories."""


@dataclass(frozen=True, slots=True)
class Write:
    """Add or replace a file."""

    path: str
    content: bytes
    kind: Kind = Kind.FILE

    def apply(self, repo: History) -> None:
        parents = ["/".join(self.path.split("/")[:depth]) for depth in range(1, self.path.count("/") + 1)]
        # A name is a file or a directory: the later one wins.
        for parent in parents:
            repo.tree.pop(parent, None)
        repo.remove(self.path)
        content = self.content.replace(REPOSITORY.encode(), f"{repo.host}/{repo.name}".encode())
        repo.write({self.path: content}, self.kind)


@dataclass(frozen=True, slots=True)
class Remove:
    """Remove a file or directory."""

    path: str

    def apply(self, repo: History) -> None:
        repo.remove(self.path)


@dataclass(frozen=True, slots=True)
class Commit:
    """Commit on a day that need not be after the day before."""

    day: int

    def apply(self, repo: History) -> None:
        repo.commit(f"day {self.day}", day(self.day))


@dataclass(frozen=True, slots=True)
class Switch:
    """Go to a branch; a new one begins here."""

    branch: str

    def apply(self, repo: History) -> None:
        if repo.current in repo.branches:
            repo.switch(self.branch)


@dataclass(frozen=True, slots=True)
class Merge:
    """Merge another branch's history, and none of its files."""

    branch: str

    def apply(self, repo: History) -> None:
        if self.branch in repo.branches and repo.current in repo.branches:
            repo.merge(repo.branches[self.branch], f"merge {self.branch}")


@dataclass(frozen=True, slots=True)
class Rewind:
    """Take the last commit off the branch. Tags on it stay."""

    def apply(self, repo: History) -> None:
        if repo.current in repo.branches and repo.tip.parents:
            repo.reset(repo.tip.parents[0])


@dataclass(frozen=True, slots=True)
class Tag:
    """Tag the last commit, or something that is none."""

    name: str
    how: str = "plain"
    """``plain``, ``annotated``, ``tree`` or ``file``."""

    def apply(self, repo: History) -> None:
        if repo.current not in repo.branches:
            return
        if self.how == "annotated":
            repo.annotate(self.name, "noted")
        elif self.how == "tree":
            repo.tag(self.name, of=TreeOf(repo.tip))
        elif self.how == "file" and repo.tip.tree:
            repo.tag(self.name, of=FileOf(repo.tip, min(repo.tip.tree)))
        else:
            repo.tag(self.name)


Step: TypeAlias = "Write | Remove | Commit | Switch | Merge | Rewind | Tag"
Recipe: TypeAlias = "tuple[Step, ...]"


def build(recipe: Recipe, name: str, host: str = "github.com") -> History:
    """Follow a recipe. Steps that cannot be taken are left out, so that any part of one is one."""
    repo = History(name, host)
    for step in recipe:
        step.apply(repo)
    return repo


def shortened(recipe: Recipe, first_failing: Callable[[Sequence[Recipe]], Recipe | None]) -> Recipe:
    """Leave out steps, halves first, as long as one of the shorter recipes fails as well."""
    size = max(1, len(recipe) // 2)
    while recipe:
        starts = range(0, len(recipe), size)
        shorter = first_failing([recipe[:at] + recipe[at + size :] for at in starts])
        if shorter is not None:
            recipe = shorter
        elif size == 1:
            break
        size = max(1, min(size if shorter is not None else size // 2, len(recipe) // 2))
    return recipe
