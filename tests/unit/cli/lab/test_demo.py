from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from modmirror.cli.lab import demo as verb
from modmirror.cli.lab.demo import demo_text
from modmirror.cli.main import run
from modmirror.lab.demo.judging import Finding
from modmirror.lab.run.manifest import Flag

if TYPE_CHECKING:
    from pathlib import Path

    from modmirror.lab.run.folder import RunFolder

RIGHT = (Finding("corrupt", right=True, text="is out"), Finding("good", right=True, text="is the best"))
WRONG = (RIGHT[0], Finding("good", right=False, text="is behind corrupt"))


@pytest.fixture(autouse=True)
def _nothing_is_measured(monkeypatch: pytest.MonkeyPatch) -> None:
    async def play(run: RunFolder, *_: object, **__: object) -> tuple[str, ...]:
        run.flag(Flag("client_saturated", "the client used 99% of a processor"))
        return ()

    monkeypatch.setattr(verb, "_play", play)


def find(monkeypatch: pytest.MonkeyPatch, findings: tuple[Finding, ...]) -> None:
    monkeypatch.setattr("modmirror.lab.demo.judging.judge", lambda report, stale: findings)


def test_right_verdicts_are_exit_0_and_the_report_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    find(monkeypatch, RIGHT)
    assert run(["lab", "demo", "--quick", "--save", str(tmp_path / "run")]) == 0
    out, err = capsys.readouterr()
    assert "2 of 2 verdicts are right" in out
    assert str(tmp_path / "run" / "report.html") in out
    assert (tmp_path / "run" / "report.html").exists()
    # A busy machine makes numbers doubtful, not verdicts wrong.
    assert "in doubt: client_saturated" in err


def test_a_wrong_verdict_is_exit_1(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    find(monkeypatch, WRONG)
    assert run(["lab", "demo", "--json", "--seed", "4", "--save", str(tmp_path / "run")]) == 1
    document = json.loads(capsys.readouterr().out)
    assert document["right"] is False
    assert document["seed"] == 4
    assert [finding["right"] for finding in document["findings"]] == [True, False]


def test_open_shows_the_page_in_a_browser(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shown: list[str] = []
    find(monkeypatch, RIGHT)
    monkeypatch.setattr("webbrowser.open", shown.append)
    assert run(["lab", "demo", "--open", "--save", str(tmp_path / "run")]) == 0
    assert shown == [(tmp_path / "run" / "report.html").as_uri()]


def test_a_folder_that_holds_something_is_not_touched(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "mine").write_text("x")
    assert run(["lab", "demo", "--save", str(tmp_path)]) == 2
    assert "is not empty" in capsys.readouterr().err


def test_each_verdict_has_its_line() -> None:
    text = demo_text(WRONG, 61.4)
    assert "  right  corrupt  is out" in text
    assert "  WRONG  good     is behind corrupt" in text
    assert text.endswith("1 of 2 verdicts are right, after 61 s")
