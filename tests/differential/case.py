"""A repository and the questions about it: versions, names, commit ids, pseudo-versions true and false."""

from __future__ import annotations

import random
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, TypeAlias

from modmirror.mod.pseudo import is_pseudo_version
from tests.differential import words
from tests.differential.recipe import REPOSITORY, Write, build
from tests.fakes.git_pack import GitObjects
from tests.fakes.history import Change, Note

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from tests.differential.recipe import Recipe
    from tests.fakes.history import History, Target

Question: TypeAlias = "tuple[str, str]"
"""Module path and version query."""

Names: TypeAlias = "Callable[[random.Random, str], list[str]]"
"""Finds what can be asked of a module path."""

NAMES_ASKED = 5
PSEUDO_ASKED = 3
"""Of each module."""
COMPUTED_BY_CLIENTS = {"latest", "upgrade", "patch", "none", "v1", "v2", "v1.5"}
"""The go command answers these from the list; a proxy is never asked (protocol.md A.9)."""


@dataclass(frozen=True)
class Case:
    """The seed decides the questions, the recipe the repository."""

    seed: int
    recipe: Recipe
    name: str
    """Of the repository, below its host."""
    host: str = "github.com"

    @property
    def root(self) -> str:
        """Import path of the repository."""
        return f"{self.host}/{self.name}"

    @cached_property
    def history(self) -> History:
        """The repository."""
        return build(self.recipe, self.name, self.host)

    @cached_property
    def modules(self) -> tuple[str, ...]:
        """Module paths to ask for: that of the repository, one that a go.mod declares, and any."""
        rng = random.Random(f"modules {self.seed}")
        paths = ["", rng.choice([*self._declared(), rng.choice(words.PATHS)]), rng.choice(words.PATHS)]
        return tuple(dict.fromkeys(f"{self.root}{path}" for path in paths))

    @cached_property
    def names(self) -> tuple[Question, ...]:
        """Versions, and whatever else a commit can be called."""
        rng = random.Random(f"names {self.seed}")
        return tuple(self._asked(rng, NAMES_ASKED, self._names))

    @cached_property
    def pseudo(self) -> tuple[Question, ...]:
        """Pseudo-versions, most of them nearly right."""
        rng = random.Random(f"pseudo {self.seed}")
        return tuple(self._asked(rng, PSEUDO_ASKED, self._pseudo_versions))

    @property
    def odd_tags(self) -> bool:
        """Say whether a tag points at something that is no commit: the go command then lists nothing."""
        return any(_change(target) is None for target in self.history.tags.values())

    def __str__(self) -> str:
        steps = "\n".join(f"    {step!r}," for step in self.recipe)
        return f"seed {self.seed}, repository {self.name}:\n{steps}"

    def _declared(self) -> list[str]:
        texts = [step.content.decode("latin-1") for step in self.recipe if isinstance(step, Write)]
        return [path for path in words.PATHS[1:] for text in texts if f"{REPOSITORY}{path}\n" in text]

    def _asked(self, rng: random.Random, count: int, find: Names) -> Iterator[Question]:
        for module in self.modules:
            found = [query for query in dict.fromkeys(find(rng, module)) if "/" not in query]
            for query in rng.sample(found, min(count, len(found))):
                yield module, query

    def _tags_of(self, module: str) -> list[str]:
        """Return the tags of the directory where the module is, without its name."""
        inside = module.removeprefix(self.root).strip("/")
        prefix = inside.removesuffix("v2").removesuffix("v3").strip("/")
        prefix = f"{prefix}/" if prefix else ""
        return [tag.removeprefix(prefix) for tag in self.history.tags if tag.startswith(prefix)]

    def _names(self, rng: random.Random, module: str) -> list[str]:
        tags = self._tags_of(module)
        ids = [commit for commit, _ in self._commits]
        spelt = [rng.choice([each, each[:7], each[:6], each[:20], each.upper()]) for each in ids]
        found = [rng.choice(["HEAD", "nosuch", *words.VERSIONS]), *self.history.branches, *tags, *spelt]
        found += [f"{tag}+incompatible" for tag in tags if tag[:2] in {"v1", "v2", "v3"} and "+" not in tag]
        return [each for each in found if each not in COMPUTED_BY_CLIENTS and not is_pseudo_version(each)]

    def _pseudo_versions(self, rng: random.Random, module: str) -> list[str]:
        tags = [*self._tags_of(module), rng.choice(words.VERSIONS)]
        found = []
        for commit, change in self._commits:
            time, short = f"{change.committed:%Y%m%d%H%M%S}", commit[:12]
            if rng.random() < 0.1:
                time = rng.choice(["20200101000001", "20201301000000", "20200102000000"])
            if rng.random() < 0.1:
                short = rng.choice([commit[:11], commit[:13], "0" * 12, "abcdefabcdef"])
            found += [_pseudo_version(rng, rng.choice(tags), f"{time}-{short}") for _ in range(2)]
        return [query for query in found if is_pseudo_version(query)]

    @cached_property
    def _commits(self) -> Sequence[tuple[str, Change]]:
        """All commits that a name leads to, with their ids."""
        objects = GitObjects()
        waiting = [*self.history.branches.values()]
        waiting += [change for target in self.history.tags.values() if (change := _change(target))]
        found: dict[int, Change] = {}
        while waiting:
            change = waiting.pop()
            if id(change) not in found:
                found[id(change)] = change
                waiting += change.parents
        return [(objects.commit(change), change) for change in found.values()]


def _pseudo_version(rng: random.Random, tag: str, suffix: str) -> str:
    base, plus, _ = tag.partition("+")
    core, dash, _ = base.partition("-")
    numbers = core.removeprefix("v").split(".")
    if rng.random() < 0.3 or len(numbers) != 3 or not all(map(str.isdigit, numbers)):
        text = f"v{rng.choice([0, 0, 0, 1, 2, 3])}.0.0-{suffix}"
    elif dash:
        text = f"{base}.0.{suffix}"
    else:
        patch = int(numbers[2]) + rng.choice([1, 1, 1, 1, 1, 0, 2])
        text = f"v{numbers[0]}.{numbers[1]}.{patch}-0.{suffix}"
    return text + (rng.choice(["", "+incompatible"]) if plus or not text.startswith(("v0", "v1")) else "")


def _change(target: Target) -> Change | None:
    while isinstance(target, Note):
        target = target.of
    return target if isinstance(target, Change) else None
