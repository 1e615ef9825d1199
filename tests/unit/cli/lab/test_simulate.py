from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from modmirror.cli.lab.simulate import simulation_text
from modmirror.cli.main import run
from modmirror.lab.simulate.run import Result
from tests.unit.lab.simulate.test_replay import day

if TYPE_CHECKING:
    from pathlib import Path

SHORT = 'seconds = 20\n[[site]]\nname = "near"\nmedian = 0.03\n[[site]]\nname = "far"\nmedian = 0.2\n'


def asked(*words: str) -> int:
    return run(["lab", "simulate", *words])


@pytest.fixture
def short(tmp_path: Path) -> str:
    file = tmp_path / "short.toml"
    file.write_text(SHORT)
    return str(file)


def test_a_row_says_what_clients_waited() -> None:
    result = Result("main", "measured", 1000.0, 3.0, 0.0454, 0.03, 0.08, 0.126, 0.056, 12.3)
    text = simulation_text([result], 5)
    row = "main  measured 1000 3 45 ms 30 ms 80 ms 126 ms +5.6% 12 s/h"
    assert row.split() == text.splitlines()[1].split()
    assert "median of 5 runs" in text


def test_times_of_nobody_are_a_dash() -> None:
    endless = float("inf")
    text = simulation_text([Result("x", "y", 9, 9, endless, endless, endless, endless, 0.0, 1.0)], 1)
    assert text.splitlines()[1].count("–") == 4


def test_every_policy_is_compared_unless_some_are_named(
    short: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert asked(short, "--seeds", "2", "--json") == 0
    told = json.loads(capsys.readouterr().out)
    assert told["seeds"] == 2
    assert [each["policy"] for each in told["results"]] == ["static-order", "two-choices", "measured"]
    assert asked(short, "--policy", "measured", "--seeds", "1") == 0
    assert "static-order" not in capsys.readouterr().out


def test_scenarios_are_listed_and_shown(capsys: pytest.CaptureFixture[str]) -> None:
    assert asked("--list") == 0
    assert "flapping" in capsys.readouterr().out
    assert asked("--show", "flapping") == 0
    assert "every = 10" in capsys.readouterr().out


def test_an_access_log_is_replayed(tmp_path: Path, short: str, capsys: pytest.CaptureFixture[str]) -> None:
    log = tmp_path / "access.log"
    log.write_bytes(b"\n".join(day(minutes=2)))
    assert asked(str(log), "--seeds", "1", "--json") == 0
    assert {each["requests"] for each in json.loads(capsys.readouterr().out)["results"]} == {120}
    assert asked(str(log), "--sites", short, "--seeds", "1") == 0


@pytest.mark.parametrize(
    ("words", "why"),
    [
        (["nothing"], "no scenario"),
        (["--policy", "best"], "no policy"),
        (["--seeds", "0"], "not within"),
        (["main", "--sites", "main"], "no access log"),
        (["--show", "nothing"], "no scenario"),
    ],
)
def test_wrong_input_ends_with_two_and_a_reason(
    words: list[str], why: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert asked(*words) == 2
    assert why in capsys.readouterr().err
