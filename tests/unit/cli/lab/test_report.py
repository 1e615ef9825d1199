from __future__ import annotations

import io
import json
from pathlib import Path

import pytest
from msgspec.structs import replace

from modmirror.cli.lab.report import exit_code, format_of, terminal
from modmirror.cli.main import FAILED, WRONG_INPUT, run
from modmirror.errors import ConfigError
from modmirror.lab.report.facts import Flag
from tests.fakes.lab_mirrors import GOOD
from tests.fakes.lab_runs import rich_report, store_run


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.fixture
def folder(tmp_path: Path) -> str:
    return str(store_run(tmp_path / "run", rich_report()))


def test_the_report_begins_with_the_verdict(folder: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["lab", "report", folder]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[:4] == [
        "Go module mirrors, measured",
        "",
        "Verdict",
        f"  ✓ {GOOD} is best: probability 97 %.",
    ]


def test_a_file_gets_the_format_that_its_name_says(
    folder: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["lab", "report", folder, "--out", str(tmp_path / "report.html")]) == 0
    assert capsys.readouterr().out == ""
    assert (tmp_path / "report.html").read_text().startswith("<!doctype html>")


def test_a_name_that_says_no_format_is_refused(
    folder: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["lab", "report", folder, "--out", str(tmp_path / "report.pdf")]) == WRONG_INPUT
    assert "report.pdf tells no format" in capsys.readouterr().err


def test_a_folder_that_is_no_run_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["lab", "report", str(tmp_path)]) == WRONG_INPUT
    assert "is no run" in capsys.readouterr().err


def test_without_a_folder_the_report_says_what_it_needs(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["lab", "report"]) == WRONG_INPUT
    assert "name a folder that --save made" in capsys.readouterr().err


def test_the_schema_needs_no_run(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["lab", "report", "--schema"]) == 0
    assert "$defs" in json.loads(capsys.readouterr().out)


def test_a_run_that_does_not_count_exits_with_two(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = store_run(tmp_path / "run", rich_report(flags=(Flag("drift", "12 %"),)))
    assert run(["lab", "report", str(folder)]) == WRONG_INPUT
    assert "INVALID RUN" in capsys.readouterr().out


def test_an_interrupted_run_is_reported(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = store_run(tmp_path / "run", rich_report(state="interrupted"))
    assert run(["lab", "report", str(folder), "--lang", "zh"]) == 0
    assert capsys.readouterr().out.splitlines()[3].startswith("  ✗ 测量未完成")


def test_a_bar_that_is_not_met_exits_with_one(folder: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["lab", "report", folder, "--require", "info/warm median<10s"]) == 0
    assert run(["lab", "report", folder, "--require", "mismatches<1", "--require", "speed>1MB/s"]) == FAILED
    out = capsys.readouterr().out
    assert "✗ Not met: mismatches<1: quarry-us" in out
    assert "✓ Met: speed>1MB/s" in out


def test_an_earlier_run_can_be_compared_with(folder: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["lab", "report", folder, "--before", folder, "--format", "json"]) == 0
    assert json.loads(capsys.readouterr().out)["differences"] == []


@pytest.mark.parametrize(
    ("name", "form"), [("a.md", "md"), ("A.HTML", "html"), ("r.xml", "junit"), ("m.prom", "prometheus")]
)
def test_a_suffix_is_a_format(name: str, form: str) -> None:
    assert format_of(Path(name)) == form


def test_no_file_means_text() -> None:
    assert format_of(None) == "text"
    with pytest.raises(ConfigError):
        format_of(Path("report"))


def test_colour_needs_a_terminal_that_wants_it() -> None:
    assert terminal(Terminal(), {}, "en").colour
    assert not terminal(Terminal(), {"NO_COLOR": "1"}, "en").colour
    assert not terminal(Terminal(), {"TERM": "dumb"}, "en").colour
    assert not terminal(io.StringIO(), {}, "en").colour


def test_flags_decide_the_exit_code() -> None:
    assert exit_code(rich_report()) == 0
    assert exit_code(rich_report(flags=(Flag("drift"),))) == WRONG_INPUT


def test_runs_from_other_regions_stand_in_the_ranking(
    folder: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rich = rich_report()
    other = store_run(tmp_path / "other", replace(rich, run=replace(rich.run, region="eu-west")))
    assert run(["lab", "report", folder, str(other)]) == 0
    out = capsys.readouterr().out
    assert "Rank and score, measured from each region" in out
    assert "eu-west" in out


def test_a_run_that_ranks_nobody_tells_nothing_of_another_region(
    folder: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rich = rich_report()
    bare = replace(
        rich, ranking=None, bench=None, coverage=None, freshness=None, protocol=None, downloads={}
    )
    other = store_run(tmp_path / "other", bare)
    assert run(["lab", "report", folder, str(other)]) == WRONG_INPUT
    assert "ranks no mirrors" in capsys.readouterr().err
