"""Puts cases before the go command in direct mode and before a mirror, and says where they differ.

They differ on purpose where the spec wants it, and only there:

- a tag on a tree or a file breaks every list and ``@latest`` of the go command; a mirror leaves it out
  (protocol.md, row T41), so nothing is compared;
- ``M@v2`` and the like are computed by clients from the list, and never asked (A.9);
- a query with ``/`` in it cannot reach a proxy (A.2).
"""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from tests.differential.answers import GoSide, MirrorSide
from tests.differential.case import Case
from tests.differential.recipe import shortened
from tests.e2e.go import GoCommand
from tests.e2e.matrix.conftest import config
from tests.e2e.mirror import MirrorProcess
from tests.fakes.git_pack import write_git

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from tests.differential.answers import Told
    from tests.differential.case import Question
    from tests.differential.recipe import Recipe

GIT_CONFIG = """\
[url "file://{repositories}/"]
\tinsteadOf = https://github.com/
[protocol "file"]
\tallow = always
"""


@dataclass
class Findings:
    """What a comparison came to."""

    differences: dict[str, list[str]] = field(default_factory=dict)
    """Texts by the name of the case."""
    zips: int = 0
    """Questions that led to a zip on both sides: a comparison of failures alone would show little."""

    def add(self, case: Case, question: str, go: object, mirror: object) -> None:
        """Note a difference."""
        self.differences.setdefault(case.name, []).append(f"{question}\n  go:     {go}\n  mirror: {mirror}")


def compare(cases: Sequence[Case], folder: Path) -> Findings:
    """Ask both sides about all cases, in as few runs as can be. ``folder`` must not exist yet."""
    repositories = folder / "repositories"
    for case in cases:
        write_git(case.history, repositories / case.name)
    findings = Findings()
    with _mirror(folder, repositories) as mirror:
        # The go command takes a commit id that a pseudo-version has ended in for that pseudo-version, if
        # it is in its cache: names and pseudo-versions get caches of their own.
        go, other_go = (_go(folder / name, repositories) for name in ("names", "pseudo"))
        _compare_revisions(cases, go.download(_all(cases, "names")), mirror, findings)
        _compare_revisions(cases, other_go.download(_all(cases, "pseudo")), mirror, findings)
        _compare_lists([case for case in cases if not case.odd_tags], go, mirror, findings)
    return findings


def shortest(case: Case, folder: Path) -> Case:
    """Return a smaller case on which the two still differ."""
    rounds = 0

    def first_failing(recipes: Sequence[Recipe]) -> Recipe | None:
        nonlocal rounds
        rounds += 1
        cases = [Case(case.seed, recipe, f"{case.name}r{rounds}n{n}") for n, recipe in enumerate(recipes)]
        differences = compare(cases, folder / str(rounds)).differences
        return next((each.recipe for each in cases if each.name in differences), None)

    return Case(case.seed, shortened(case.recipe, first_failing), case.name)


def _all(cases: Sequence[Case], kind: str) -> list[Question]:
    return [question for case in cases for question in getattr(case, kind)]


def _compare_revisions(
    cases: Sequence[Case], go: dict[Question, Told], mirror: MirrorSide, findings: Findings
) -> None:
    told = mirror.download(go)
    for case in cases:
        for module, query in (*case.names, *case.pseudo):
            if (module, query) not in go:
                continue
            left, right = go[module, query], told[module, query]
            if left.answer != right.answer:
                findings.add(case, f"{module}@{query}", left, right)
            findings.zips += bool(left.answer.zip)


def _compare_lists(cases: Sequence[Case], go: GoSide, mirror: MirrorSide, findings: Findings) -> None:
    modules = [module for case in cases for module in case.modules]
    versions, latest = (
        (go.versions(modules), mirror.versions(modules)),
        (go.latest(modules), mirror.latest(modules)),
    )
    for case in cases:
        for module in case.modules:
            left, right = (side[module] for side in versions)
            if left[0] != right[0]:
                findings.add(case, f"{module}@list", left, right)
            one, two = (side[module] for side in latest)
            if one.answer != two.answer:
                findings.add(case, f"{module}@latest", one, two)
            # Clients do not ask for @latest where there is no list, so both must be there or none.
            if not right[0] and bool(right[1]) != bool(two.reason):
                findings.add(case, f"{module}@list and @latest", right, two)


@contextmanager
def _mirror(folder: Path, repositories: Path) -> Iterator[MirrorSide]:
    with MirrorProcess(folder / "mirror", config(repositories)) as mirror:
        yield MirrorSide(mirror)


def _go(folder: Path, repositories: Path) -> GoSide:
    folder.mkdir(parents=True)
    (folder / "gitconfig").write_text(GIT_CONFIG.format(repositories=repositories))
    work = folder / "work"
    work.mkdir()
    (work / "go.mod").write_text("module example.test/work\n\ngo 1.22\n")
    settings = {
        "GOVCS": "*:git",
        "GIT_CONFIG_GLOBAL": str(folder / "gitconfig"),
        "GIT_CONFIG_NOSYSTEM": "1",
    }
    return GoSide(GoCommand(folder, "direct", settings))
