from __future__ import annotations

import json
from typing import TYPE_CHECKING

from msgspec.structs import replace

from modmirror.cli.main import FAILED, WRONG_INPUT, run
from modmirror.lab.report.facts import Flag
from tests.fakes.lab_mirrors import GOOD
from tests.fakes.lab_runs import rich_report, store_run

if TYPE_CHECKING:
    from pathlib import Path

    import pytest


def slower(path: Path) -> str:
    rich = rich_report()
    downloads = {name: tuple(rate / 2 for rate in rates) for name, rates in rich.downloads.items()}
    return str(store_run(path, replace(rich, downloads=downloads)))


def test_equal_runs_have_nothing_to_tell(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = str(store_run(tmp_path / "a", rich_report()))
    assert run(["lab", "compare", folder, folder]) == 0
    assert "Nothing changed beyond chance." in capsys.readouterr().out


def test_a_mirror_that_became_slower_fails(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    before = str(store_run(tmp_path / "a", rich_report()))
    assert run(["lab", "compare", before, slower(tmp_path / "b"), "--json"]) == FAILED
    found = json.loads(capsys.readouterr().out)
    assert {"target": GOOD, "what": "speed", "worse": True}.items() <= next(
        each for each in found["differences"] if each["target"] == GOOD and each["what"] == "speed"
    ).items()


def test_a_mirror_that_became_faster_does_not(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    after = str(store_run(tmp_path / "a", rich_report()))
    assert run(["lab", "compare", slower(tmp_path / "b"), after]) == 0
    assert "better" in capsys.readouterr().out


def test_an_invalid_run_compares_with_nothing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    good = str(store_run(tmp_path / "a", rich_report()))
    bad = str(store_run(tmp_path / "b", rich_report(flags=(Flag("clock_jump", "by 2 s"),))))
    assert run(["lab", "compare", good, bad]) == WRONG_INPUT
    assert "the later run is invalid: clock_jump" in capsys.readouterr().out
