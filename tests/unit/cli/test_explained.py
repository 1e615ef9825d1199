from __future__ import annotations

from datetime import UTC, datetime

import pytest

from modmirror.cli.explained import as_json, as_text
from modmirror.errors import Denied, NotExist, UpstreamUnavailable
from modmirror.mod.path import check_path
from modmirror.mod.version import Version
from modmirror.mod.zipplan import Dropped, DropReason
from modmirror.origin.explain import Elsewhere, Explanation, Found, Outcome, Step
from modmirror.origin.modules import Answered
from modmirror.origin.port import Commit
from modmirror.origin.resolve.convert import Resolved
from modmirror.protocol.target import Kind, ModuleTarget
from tests.fakes.model_repository import ModelRepository

M = check_path("a.test/m")
TARGET = ModuleTarget(Kind.LATEST, M)
STEPS = (Step("route", "first"), Step("discovery", "one"), Step("discovery", "two"))


def found(*dropped: Dropped, declared: str = M) -> Found:
    commit = Commit("c" * 40, "c" * 12, datetime(2020, 1, 2, tzinfo=UTC))
    resolved = Resolved(M, Version("v1.0.0"), commit, "refs/tags/v1.0.0", "", "", None)
    answered = Answered(resolved, ModelRepository("https://git.test/m"), ())
    return Found(answered, "h1:mod", "h1:zip", 7, 2, dropped, declared)


def text(outcome: Outcome, *, every: bool = False, bright: bool = False) -> str:
    return as_text(TARGET, Explanation(STEPS, outcome), every=every, bright=bright)


def test_a_topic_is_written_once() -> None:
    assert text(found()).splitlines() == [
        "route       first",
        "discovery   one",
        "            two",
        "sums        h1:zip of the zip",
        "            h1:mod of go.mod",
        "found       a.test/m@v1.0.0",
    ]


def test_a_path_that_is_not_the_one_in_go_mod_is_what_go_would_refuse() -> None:
    other = found(declared="a.test/other")
    *_, end, but = text(other).splitlines()
    assert end == "found       a.test/m@v1.0.0"
    assert but == (
        "but         its go.mod declares the path a.test/other, and the go command refuses it as a.test/m:"
        " require a.test/other; if this is a fork of it, replace a.test/other => a.test/m v1.0.0"
    )
    assert as_json(TARGET, Explanation(STEPS, other))["go_mod_declares"] == "a.test/other"


def test_files_left_out_are_counted_by_reason_and_the_first_are_named() -> None:
    dropped = [Dropped(f"vendor/{number}.go", DropReason.VENDORED) for number in range(7)]
    lines = text(found(Dropped("link", DropReason.SYMLINK), *dropped)).splitlines()
    at = lines.index("left out    a symbolic link: 1")
    assert lines[at + 1] == "              link"
    assert lines[at + 2] == "left out    in a vendor directory: 7"
    assert lines[at + 8] == "              and 2 more; --all lists them"
    everything = text(found(*dropped), every=True)
    assert "vendor/6.go" in everything
    assert "--all" not in everything


@pytest.mark.parametrize(
    ("error", "lines"),
    [
        (
            NotExist("no such thing", hint="look again"),
            ["not found   no such thing", "hint        look again"],
        ),
        (UpstreamUnavailable("git", "it is down"), ["failed      it is down"]),
        (Denied("not allowed"), ["refused     not allowed"]),
    ],
    ids=["absent", "down", "denied"],
)
def test_a_failure_ends_with_its_reason_and_hint(error: NotExist, lines: list[str]) -> None:
    assert text(error).splitlines()[3:] == lines


def test_a_reason_of_several_lines_stays_in_its_column() -> None:
    assert text(NotExist("one\ntwo")).splitlines()[-1] == "            two"


def test_what_a_repository_says_cannot_steer_the_terminal() -> None:
    shown = text(found(Dropped("\x1b[2J\udcff", DropReason.SYMLINK), declared="\x1b[2J\udcff"))
    shown += text(NotExist("\x1b]0;x\x07"))
    assert "\x1b" not in shown
    assert "\x07" not in shown
    shown.encode()


def test_colour_is_there_when_asked_for() -> None:
    assert "\x1b[32mfound       \x1b[0ma.test/m@v1.0.0" in text(found(), bright=True)
    assert "\x1b" not in text(found())


def test_another_goproxy_is_named() -> None:
    assert text(Elsewhere("https://proxy.test")).endswith("those of https://proxy.test")
    told = as_json(TARGET, Explanation(STEPS, Elsewhere("https://proxy.test")))
    assert (told["found"], told["goproxy"]) == (True, "https://proxy.test")


def test_json_holds_all_that_is_known() -> None:
    dropped = [Dropped(f"vendor/{number}.go", DropReason.VENDORED) for number in range(7)]
    told = as_json(TARGET, Explanation(STEPS[:1], found(*dropped)))
    files = [{"path": f"vendor/{number}.go", "reason": "in a vendor directory"} for number in range(7)]
    assert told == {
        "module": "a.test/m",
        "query": "latest",
        "steps": [{"topic": "route", "text": "first"}],
        "found": True,
        "version": "v1.0.0",
        "time": "2020-01-02T00:00:00Z",
        "vcs": "git",
        "repository": "https://git.test/m",
        "commit": "c" * 40,
        "ref": "refs/tags/v1.0.0",
        "directory": "",
        "go_mod_made_up": True,
        "go_mod_declares": "a.test/m",
        "go_mod_h1": "h1:mod",
        "zip_h1": "h1:zip",
        "zip_bytes": 7,
        "files": 2,
        "dropped": files,
    }


def test_json_of_a_failure_names_its_kind() -> None:
    told = as_json(TARGET, Explanation((), NotExist("no", hint="look")))
    assert told["found"] is False
    assert told["error"] == {"kind": "NotExist", "reason": "no", "hint": "look"}
