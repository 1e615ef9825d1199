"""Every rule on names, asked of our code and of the go command's own, over thousands of near misses."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING

import pytest

from modmirror.errors import InvalidTarget
from modmirror.mod import semver
from modmirror.mod.escape import escape_path, escape_version, unescape_path, unescape_version
from modmirror.mod.path import check_path, file_path_problem, path_problem, split_path_version
from modmirror.mod.patterns import glob_problem, match_glob, match_prefix_patterns
from modmirror.mod.pseudo import is_pseudo_version, pseudo_version_base, pseudo_version_revision
from modmirror.mod.version import canonical_version, match_path_major
from tests.fakes.go_names import GoNames
from tests.fakes.go_zips import find_go

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.fakes.go_names import Question

GO = find_go()
pytestmark = [pytest.mark.go, pytest.mark.skipif(GO is None, reason="there is no go command here")]

QUESTIONS = 6_000
STAMP = "20200102030405-abcdefabcdef"
SEEDS = [
    *["x.y", "github.com/Azure/x/v2", "gopkg.in/yaml.v2-unstable", "gopkg.in/u/p.v0", "x.y/a..b/-z"],
    *["x.y/con.txt", "x.y/COM1", "x.y/foo~1.x", "x.y/v2.0", "x.y/v1/v10", "127.0.0.1/a~b_c"],
    *["v1", "v1.2", "v1.2.3", "v0.0.10-rc.1", "v2.0.0+incompatible", "v1.2.3-a.b-c.0+m.1", "v1.0.0--"],
    *[f"v0.0.0-{STAMP}", f"v1.2.4-0.{STAMP}", f"v1.0.0-pre.0.{STAMP}+incompatible", f"v2.0.0-{STAMP}+m"],
    *[
        "*.corp.com/a*",
        "[a-z]?/[^x]*",
        "a\\*b/*",
        "main",
        "!head",
        "v1.0.0-!r!c1",
        "a b/\u4e16.go",
        ".x/...",
    ],
]
CHARACTERS = "aAzZvx0129.-_~/!+*?[]^\\@:% $,'\"<|>\u00e9\u4e16\u0301\u0663\U0001f600\t\x00"


def mutate(rng: random.Random, text: str) -> str:
    """Change a few characters, or none."""
    for _ in range(rng.choice([0, 1, 1, 2, 3])):
        at = rng.randrange(len(text) + 1)
        text = text[:at] + rng.choice(["", rng.choice(CHARACTERS)]) + text[at + rng.randrange(2) :]
    return text


def make_questions() -> list[Question]:
    rng = random.Random(20200102)
    questions = []
    for _ in range(QUESTIONS):
        one, two = mutate(rng, rng.choice(SEEDS)), mutate(rng, rng.choice(SEEDS))
        questions.append((one, rng.choice([two, mutate(rng, one)])))
    return questions


def said(ask: Callable[[], str]) -> str:
    try:
        return "=" + ask()
    except InvalidTarget:
        return "error"


def our_check(path: str, version: str) -> str:
    """Put together what module.Check does: it takes versions that are not canonical, too."""
    split = split_path_version(path)
    agrees = path_problem(path) == "" and split is not None and semver.is_valid(version)
    return "=" if agrees and split is not None and match_path_major(version, split[1]) else "error"


def our_answers(one: str, two: str) -> dict[str, str]:
    split = split_path_version(one)
    return {
        "check_path": "error" if path_problem(one) else "=",
        "check_file_path": "error" if file_path_problem(one) else "=",
        "split": "error" if split is None else " ".join(split),
        "escape_path": said(lambda: escape_path(check_path(one))),
        "escape_version": said(lambda: escape_version(one)),
        "unescape_path": said(lambda: unescape_path(one)),
        "unescape_version": said(lambda: unescape_version(one)),
        "canonical": semver.canonical(one),
        "prerelease": semver.prerelease(one),
        "build": semver.build(one),
        "major_minor": semver.major_minor(one),
        "module_canonical": canonical_version(one),
        "compare": str(semver.compare(one, two)),
        "check": our_check(one, two),
        "is_pseudo": str(is_pseudo_version(one)).lower(),
        "pseudo_base": said(lambda: pseudo_version_base(one)),
        "pseudo_rev": said(lambda: pseudo_version_revision(one)),
        "glob": "error" if glob_problem(one) else f"={str(match_glob(one, two)).lower()}",
        "patterns": str(match_prefix_patterns(one.split(","), two)).lower(),
    }


def differs_on_purpose(key: str, one: str, go: str, ours: str) -> bool:
    """List every rule on which we are stricter than the go command, or say it in another way."""
    match key:
        case "escape_version" | "unescape_version":
            # protocol.md A.2: a server refuses what reads like an option.
            return one.startswith("-") and ours == "error"
        case "pseudo_base":
            # protocol.md A.6 step 5: build metadata is taken off before there is a base.
            return go == ours + semver.build(one) or (go == "error" and ours == "=" and "+" in one)
        case "split" | "check_path" | "escape_path" | "unescape_path" | "check":
            # protocol.md A.3 wants a number: gopkg.in/x.v-unstable agrees with no version at all.
            return ".v-unstable" in one and ours == "error"
        case _:
            return False


def test_our_rules_on_names_are_those_of_the_go_command(tmp_path_factory: pytest.TempPathFactory) -> None:
    assert GO is not None
    questions = make_questions()
    different = []
    for (one, two), go in zip(
        questions, GoNames(GO, tmp_path_factory.mktemp("names")).ask(questions), strict=True
    ):
        ours = our_answers(one, two)
        assert ours.keys() == go.keys()
        different += [
            (key, one, two, go[key], ours[key])
            for key in go
            if go[key] != ours[key] and not differs_on_purpose(key, one, go[key], ours[key])
        ]
    assert different == []
