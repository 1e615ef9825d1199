from __future__ import annotations

import json
from typing import TYPE_CHECKING

from msgspec.structs import replace

from modmirror.cli.main import FAILED, WRONG_INPUT, run
from modmirror.lab.report.facts import Flag, Report
from modmirror.lab.run.folder import RunFolder
from modmirror.lab.run.manifest import Manifest
from tests.fakes.lab_mirrors import TARGETS
from tests.fakes.lab_runs import rich_report, store_run

if TYPE_CHECKING:
    from pathlib import Path

    import pytest


def stored(path: Path, report: Report | None = None) -> str:
    return str(store_run(path / "run", report or rich_report()))


def test_the_lines_to_paste_are_printed_with_their_reasons(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["lab", "recommend", stored(tmp_path)]) == 0
    out = capsys.readouterr().out
    assert f"    go env -w 'GOPROXY={TARGETS[0].url}|" in out
    assert "    go env -w GOSUMDB=sum.golang.org" in out
    assert "Why the setting is as it is" in out


def test_for_whom_changes_the_setting(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = stored(tmp_path)
    answers = []
    for whom in ("", "ci"):
        assert run(["lab", "recommend", folder, "--for", whom, "--json"]) == 0
        answers.append(json.loads(capsys.readouterr().out)["setting"]["goproxy"])
    assert answers[0] == f"{answers[1]},direct"


def test_no_mirror_to_recommend_is_a_failure(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    rich = rich_report()
    assert rich.ranking is not None
    out = tuple(
        replace(each, score=None, gates=tuple(replace(gate, passed=False) for gate in each.gates))
        for each in rich.ranking.targets
    )
    folder = stored(tmp_path, replace(rich, ranking=replace(rich.ranking, targets=out, winner=None)))
    assert run(["lab", "recommend", folder]) == FAILED
    assert "go env" not in capsys.readouterr().out


def test_an_invalid_run_recommends_loudly_nothing_to_rely_on(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["lab", "recommend", stored(tmp_path, rich_report(flags=(Flag("drift"),)))]) == WRONG_INPUT
    assert capsys.readouterr().out.splitlines()[3].startswith("  ✗ INVALID RUN")


def test_a_run_that_tells_nothing_apart_is_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    RunFolder.create(tmp_path / "run", Manifest("load", 1, "2026-01-01T00:00:00Z"), lambda: "").finish(
        "complete"
    )
    assert run(["lab", "recommend", str(tmp_path / "run")]) == WRONG_INPUT
    assert "run lab bench or lab coverage with --save" in capsys.readouterr().err
