"""Puts cases before the go command in direct mode and before a mirror, and says where they differ.

They differ on purpose where the spec wants it, and only there:

- a tag on a tree or a file breaks every list and ``@latest`` of the go command; a mirror leaves it out
  (protocol.md, row T41), so nothing is compared;
- ``M@v2`` and the like are computed by clients from the list, and never asked (A.9);
- a query with ``/`` in it cannot reach a proxy (A.2);
- of a repository that it has only the newest commit of, the go command takes a tag on it for the highest
  before it, so it is made to fetch all first.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeAlias

from tests.differential.answers import GoSide, MirrorSide
from tests.differential.case import Case
from tests.differential.recipe import shortened
from tests.e2e.go import GoCommand
from tests.e2e.matrix.conftest import config
from tests.e2e.mirror import MirrorProcess
from tests.fakes.git_pack import write_git

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from tests.differential.answers import Told
    from tests.differential.case import Question
    from tests.differential.recipe import Recipe

Lists: TypeAlias = "tuple[dict[str, tuple[tuple[str, ...], str]], dict[str, Told]]"
"""Of one side: lists and ``@latest`` by module path."""

NO_COMMIT = "0000000"
"""Whoever looks for it must fetch everything."""
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


@dataclass(frozen=True)
class Sides:
    """Whoever is asked."""

    names: GoSide
    """The go command in direct mode, asked for versions and names."""
    pseudo: GoSide
    """The same, asked for pseudo-versions."""
    client: GoSide
    """The go command behind the mirror."""
    mirror: MirrorSide


def compare(cases: Sequence[Case], folder: Path) -> Findings:
    """Ask both sides about all cases, in as few runs as can be. ``folder`` must not exist yet."""
    repositories = folder / "repositories"
    for case in cases:
        write_git(case.history, repositories / case.name)
    with MirrorProcess(folder / "mirror", config(repositories)) as process:
        # The go command takes a commit id that a pseudo-version has ended in for that pseudo-version, if
        # it is in its cache: names and pseudo-versions get caches of their own.
        names, pseudo = (_go(folder / name, repositories) for name in ("names", "pseudo"))
        client = _go(folder / "client", repositories, process.url)
        return compared(cases, Sides(names, pseudo, client, MirrorSide(process)))


def compared(cases: Sequence[Case], sides: Sides) -> Findings:
    """Ask all sides about all cases."""
    findings = Findings()
    for side, kind in ((sides.names, "names"), (sides.pseudo, "pseudo")):
        side.download((case.root, NO_COMMIT) for case in cases)
        _compare_revisions(cases, side.download(_all(cases, kind)), sides.mirror, findings)
    listed = [case for case in cases if not case.odd_tags]
    modules = [module for case in listed for module in case.modules]
    if modules:
        asked = (sides.names, sides.client, sides.mirror)
        lists = [(side.versions(modules), side.latest(modules)) for side in asked]
        for case in listed:
            _compare_lists(case, lists, findings)
    return findings


def shortest(case: Case, folder: Path) -> tuple[Case, list[str]]:
    """Return a smaller case on which the two still differ, and how."""
    rounds = 0
    said: list[str] = []

    def first_failing(recipes: Sequence[Recipe]) -> Recipe | None:
        nonlocal rounds, said
        rounds += 1
        cases = [Case(case.seed, recipe, f"{case.name}r{rounds}n{n}") for n, recipe in enumerate(recipes)]
        differences = compare(cases, folder / str(rounds)).differences
        for each in cases:
            if each.name in differences:
                said = differences[each.name]
                return each.recipe
        return None

    return Case(case.seed, shortened(case.recipe, first_failing), case.name), said


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


def _compare_lists(case: Case, sides: Sequence[Lists], findings: Findings) -> None:
    """Compare the go command in direct mode, the go command behind the mirror, and the mirror itself."""
    for module in case.modules:
        expected, _, listed = (side[0][module] for side in sides)
        if expected[0] != listed[0]:
            findings.add(case, f"{module}@list", expected, listed)
        direct, proxied, asked = (side[1][module] for side in sides)
        if direct.answer != proxied.answer:
            findings.add(case, f"{module}@latest by the go command", direct, proxied)
        # What HEAD's own go.mod retracts is what a proxy answers, and no client takes.
        if direct.answer.version and direct.answer != asked.answer:
            findings.add(case, f"{module}@latest", direct, asked)
        # Clients do not ask for @latest where there is no list, so both must be there or none.
        if not listed[0] and bool(listed[1]) != bool(asked.reason):
            findings.add(case, f"{module}@list and @latest", listed, asked)


def _go(folder: Path, repositories: Path, proxy: str = "direct") -> GoSide:
    folder.mkdir(parents=True)
    (folder / "gitconfig").write_text(GIT_CONFIG.format(repositories=repositories))
    settings = {
        "GOVCS": "*:git",
        "GIT_CONFIG_GLOBAL": str(folder / "gitconfig"),
        "GIT_CONFIG_NOSYSTEM": "1",
    }
    return go_side(folder, proxy, settings)


def go_side(folder: Path, proxy: str, settings: Mapping[str, str]) -> GoSide:
    """Return a go command with a machine of its own."""
    work = folder / "work"
    work.mkdir(parents=True)
    (work / "go.mod").write_text("module example.test/work\n\ngo 1.22\n")
    return GoSide(GoCommand(folder, proxy, dict(settings)))
