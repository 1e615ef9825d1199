from __future__ import annotations

import pytest

from modmirror.cli.lab.doctor import doctor_text
from modmirror.cli.main import WRONG_INPUT, run
from modmirror.lab.doctor import Ability, DoctorResult
from tests.fakes.lab import MANIFEST

RESULT = DoctorResult(
    floor={"wait": 0.00005}, noise={"wait": 0.000002}, lag=0.0012, load=0.1, cores=4,
    abilities=(Ability("go", there=False, use="builds"), Ability("wrk", there=True, use="cross-check")),
)  # fmt: skip


def test_the_floor_and_the_tools_are_told() -> None:
    text = doctor_text(RESULT, MANIFEST)
    assert "wait           50 µs ± 2" in text
    assert "event loop late by 1.20 ms at P99" in text
    assert "no  go " in text
    assert "yes wrk " in text
    assert text.endswith("fit to measure")


def test_it_runs_anywhere(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["lab", "doctor", "--json"]) == 0
    assert '"abilities"' in capsys.readouterr().out


@pytest.mark.parametrize("flag", ["--seed", "--save", "--targets", "--region"])
def test_it_takes_no_flag_that_would_change_nothing(flag: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["lab", "doctor", flag, "1"]) == WRONG_INPUT
    assert flag in capsys.readouterr().err
