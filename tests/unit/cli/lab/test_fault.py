from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from modmirror.cli.lab.fault import failed_thresholds, fault_text
from modmirror.cli.main import run
from modmirror.lab.fault.measure import Rehearsals
from modmirror.lab.results.faults import FaultPoint, FaultResult, FaultRun

if TYPE_CHECKING:
    from modmirror.lab.bundle import Lab

POINTS = (
    FaultPoint(0.0, ok=True, stale=False, seconds=0.01),
    FaultPoint(1.0, ok=False, stale=False, seconds=0.01),
)


def made(*, gap: float = 1.0, recover: float | None = 0.5, wrong: int = 0) -> FaultRun:
    return FaultRun(
        points=POINTS,
        events=(),
        detect=0.25,
        gap=gap,
        stale=3,
        recover=recover,
        overshoot=7,
        backoff="no",
        wrong=wrong,
    )


def test_the_scenarios_are_listed_and_shown(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["lab", "fault", "list"]) == 0
    assert "blackhole" in capsys.readouterr().out
    assert run(["lab", "fault", "list", "--json"]) == 0
    assert len(json.loads(capsys.readouterr().out)) >= 14
    assert run(["lab", "fault", "show", "slow-death"]) == 0
    shown = capsys.readouterr().out
    assert "expected: " in shown
    assert "20.0 s  behave  {'delay': 2.0}" in shown
    assert run(["lab", "fault", "show", "cut", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["step"][0]["mode"] == "refuse"


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ([], "SCENARIO"),
        (["none"], 'no scenario "none"'),
        (["cut", "--time-scale", "0"], "--time-scale"),
        (["cut", "--repeats", "0"], "--repeats"),
        (["cut", "--listen", "here"], "--listen"),
        (["cut", "--mirror", "http://127.0.0.1:9"], "--listen"),
        (["cut", "--second", "--target-command", "x"], "--second"),
    ],
)
def test_wrong_input_is_exit_2_and_named(
    capsys: pytest.CaptureFixture[str], words: list[str], said: str
) -> None:
    assert run(["lab", "fault", "run", *words]) == 2
    assert said in capsys.readouterr().err


def test_a_run_prints_its_numbers_and_fails_by_its_thresholds(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    async def measured(self: Rehearsals, lab: Lab) -> FaultResult:
        return FaultResult("modmirror serve", {each.scenario.name: (made(),) for each in self.rehearsals})

    monkeypatch.setattr(Rehearsals, "__call__", measured)
    code = run(["lab", "fault", "run", "cut", "reset", "--max-gap", "0.5", "--json"])
    out, err = capsys.readouterr()
    assert list(json.loads(out)["result"]["scenarios"]) == ["cut", "reset"]
    assert "cut: 1.00 s without a good answer, more than 0.5 s" in err
    assert code == 1


def test_the_table_shows_medians_and_what_was_skipped() -> None:
    result = FaultResult(
        "m", {"cut": (made(gap=1.0), made(gap=3.0), made(gap=2.0, wrong=1))}, {"dns": "no namespace"}
    )
    lines = fault_text(result).splitlines()
    row = next(line for line in lines if line.startswith("cut"))
    assert row.split() == [
        *("cut", "0.25", "s", "2.00", "s", "3", "0.50", "s", "7", "no", "3/6"),
        *("1", "WITH", "WRONG", "BYTES"),
    ]
    assert "dns               SKIPPED: no namespace" in lines


def test_wrong_bytes_never_pass_and_thresholds_hold_for_each_run() -> None:
    result = FaultResult("m", {"cut": (made(), made(gap=2.0, recover=None, wrong=1))})
    assert failed_thresholds(FaultResult("m", {"cut": (made(),)}), 1.5, 1.0) == []
    assert list(failed_thresholds(result, 1.5, 1.0)) == [
        "cut: answers with wrong bytes",
        "cut: 2.00 s without a good answer, more than 1.5 s",
        "cut: not as before within 1 s",
    ]
