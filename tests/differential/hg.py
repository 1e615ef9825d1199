"""Random repositories in Mercurial, put before the go command in direct mode and before a mirror.

Left out is what the two take for different things on purpose or by the ways of hg: six digits of an id (hg
knows them, no proxy does), bookmarks (the go command does not fetch them), branches that look like versions
(for the go command they hide a tag of that name, which for hg comes first), and tags with ``+`` (the go
command asks hg for a sum of two sets, and fails).
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING

from tests.differential.answers import MirrorSide
from tests.differential.case import Case
from tests.differential.chance import random_recipe
from tests.differential.lab import Sides, compared, go_side
from tests.differential.recipe import Rewind, Switch, Tag, Write
from tests.e2e.mirror import MirrorProcess
from tests.e2e.others import others
from tests.fakes.hg_history import HgHistory, named_branches
from tests.fakes.history import Kind

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from tests.differential.case import Question
    from tests.differential.lab import Findings
    from tests.differential.recipe import Recipe, Step
    from tests.fakes.history import Change

NAMES_ASKED = 3
PSEUDO_ASKED = 1
"""Of each case: every question is some runs of hg, and each of them starts Python."""
_ODD_ID = re.compile(r"[0-9a-fA-F]{1,6}|[0-9A-F]{7,}")


@dataclass(frozen=True)
class HgCase(Case):
    """See :class:`tests.differential.case.Case`."""

    host: str = "hg.test"

    @cached_property
    def written(self) -> HgHistory:
        """The repository in hg; ids are known once it is written."""
        return HgHistory(self.history)

    @cached_property
    def modules(self) -> tuple[str, ...]:
        """The repository's own module path, and every other time a second one."""
        return super().modules[: 1 + self.seed % 2]

    @cached_property
    def names(self) -> tuple[Question, ...]:
        """Versions, and whatever else a commit can be called."""
        found = [(module, query) for module, query in super().names if not _ODD_ID.fullmatch(query)]
        return tuple(found[:NAMES_ASKED])

    @cached_property
    def pseudo(self) -> tuple[Question, ...]:
        """Pseudo-versions, most of them nearly right."""
        return super().pseudo[:PSEUDO_ASKED]

    @cached_property
    def _commits(self) -> Sequence[tuple[str, Change]]:
        return [(node.hex(), change) for change, node in self.written.nodes.items()]


def hg_cases(seeds: range) -> dict[str, HgCase]:
    """Return cases by name, of those seeds whose recipes hg can follow."""
    found = {}
    for seed in seeds:
        case = HgCase(seed, tuple(_for_hg(random_recipe(seed))), f"u/c{seed}")
        names = named_branches(case.history)
        if case.history.branches and all(names[tip] == name for name, tip in case.history.branches.items()):
            found[case.name] = case
    return found


def compare_hg(cases: Sequence[HgCase], folder: Path) -> Findings:
    """Ask all sides about all cases."""
    (folder / "world").mkdir(parents=True)
    with others(folder / "world", "hg") as world:
        for case in cases:
            case.written.write(world.folder / "hg" / case.name)
            for module in {case.root, *case.modules}:
                world.sites.go_import(module, f"{case.root} hg {world.servers['hg']}/{case.name}")
        config = world.config(insecure=["*.test"])
        direct = world.settings()
        with MirrorProcess(folder / "mirror", config, environ=world.environ()) as process:
            names, pseudo = (go_side(folder / name, "direct", direct) for name in ("names", "pseudo"))
            client = go_side(folder / "client", process.url, {})
            return compared(cases, Sides(names, pseudo, client, MirrorSide(process)))


def _for_hg(recipe: Recipe) -> Iterator[Step]:
    for step in recipe:
        match step:
            case Rewind():
                continue
            case Tag(name) if "+" in name:
                continue
            case Switch(branch) if branch.startswith("v"):
                yield Switch("dev")
            case Tag():
                yield replace(step, how="plain")
            case Write(path, _, kind) if kind is Kind.SUBMODULE or not path.isprintable():
                continue
            case _:
                yield step
