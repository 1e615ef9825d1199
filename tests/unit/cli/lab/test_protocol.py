from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from modmirror.cli.lab import session
from modmirror.cli.main import run
from modmirror.lab.emulate.behaviour import Behaviour
from modmirror.lab.protocol.asking import Subject
from modmirror.lab.protocol.measure import Protocol
from tests.fakes.loopback_lab import emulated
from tests.fakes.own_thread import in_own_thread

if TYPE_CHECKING:
    from modmirror.lab.results.protocol import ProtocolResult

WORDS = [
    "--module", "example.com/lab/text@v1.0.0",
    "--upper", "github.com/Lab/CamelCase@v1.0.0",
    "--toolchain", "v0.0.1-go1.99.0.linux-amd64",
]  # fmt: skip


def test_a_good_mirror_passes_and_more_can_be_required(capsys: pytest.CaptureFixture[str]) -> None:
    with in_own_thread(emulated({"good": Behaviour()})) as (sumdb, (good,)):
        command = ["lab", "protocol", good.url, *WORDS, "--sumdb", sumdb.key]
        assert run([*command, "--json"]) == 0
        cells = json.loads(capsys.readouterr().out)["result"]["cells"][good.authority]
        assert cells["sumdb-tiles"]["verdict"] == "yes"
        assert run([*command, "--require", "cached-only"]) == 1
        assert "cached-only is required: no" in capsys.readouterr().err


def test_a_mirror_that_lacks_what_go_needs_fails_with_the_evidence(
    capsys: pytest.CaptureFixture[str],
) -> None:
    with in_own_thread(emulated({"locked": Behaviour(auth="a:b")})) as (_, (locked,)):
        assert run(["lab", "protocol", locked.url, *WORDS, "--sumdb", "off"]) == 1
    captured = capsys.readouterr()
    assert "→ 401" in captured.out
    assert "no authentication" in captured.err


def test_a_private_mirror_is_told_which_flags_name_what_it_has(capsys: pytest.CaptureFixture[str]) -> None:
    upper = "if it has no github.com/BurntSushi/toml@v1.3.2, name one that it has: --upper"
    module = "if it has no golang.org/x/text@v0.14.0, name one that it has: --module"
    with in_own_thread(emulated({"private": Behaviour()})) as (_, (private,)):
        command = ["lab", "protocol", private.url, "--sumdb", "off"]
        assert run([*command, *WORDS[:2]]) == 1
        lines = capsys.readouterr().err.splitlines()
        assert [upper in line for line in lines if "upper-case paths: no" in line] == [True]
        assert not any(module in line for line in lines)
        assert run([*command, *WORDS[2:4]]) == 1
        lines = capsys.readouterr().err.splitlines()
        assert [line.partition(": ")[2].split(": ")[1] for line in lines if module in line] == [
            ".info", "version list", ".mod", ".zip",
        ]  # fmt: skip
        assert not any(upper in line for line in lines)


def test_a_mirror_that_is_not_there_is_not_told_to_change_the_question(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert run(["lab", "protocol", "http://127.0.0.1:1", "--sumdb", "off"]) == 1
    assert "name one that it has" not in capsys.readouterr().err


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--module", "nothing"], "--module"),
        (["--upper", "UP@v1"], "--upper"),
        (["--require", "speed"], 'no feature "speed"'),
        (["--sumdb", "nonsense"], "nonsense"),
    ],
)
def test_wrong_input_is_exit_2_and_named(
    capsys: pytest.CaptureFixture[str], words: list[str], said: str
) -> None:
    assert run(["lab", "protocol", "http://127.0.0.1:1", *words]) == 2
    assert said in capsys.readouterr().err


def test_a_module_of_ones_own_is_told_to_no_public_database(monkeypatch: pytest.MonkeyPatch) -> None:
    subjects: list[Subject] = []

    def seen(task: session.Task[ProtocolResult], *_: object) -> int:
        assert isinstance(task.measure, Protocol)
        subjects.append(task.measure.subject)
        return 0

    monkeypatch.setattr(session, "perform", seen)
    assert run(["lab", "protocol", "http://127.0.0.1:1", "--module", "corp.example/a@v1.0.0"]) == 0
    assert subjects[0].module.path == "corp.example/a"
    assert subjects[0].recorded == Subject().recorded
