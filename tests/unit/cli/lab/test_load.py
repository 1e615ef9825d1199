from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from modmirror.cli.main import WRONG_INPUT, run
from tests.fakes.loaded import loaded_server
from tests.fakes.own_thread import in_own_thread

if TYPE_CHECKING:
    from pathlib import Path

DONE = {0, 2}
"""2: the machine was too busy to measure; there is a result all the same."""
HERE = "http://127.0.0.1:1"


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["https://proxy.example"], "not declared as yours"),
        ([HERE, "--seconds", "0"], "--seconds"),
        ([HERE, "--max-rate", "-1"], "--max-rate"),
        ([HERE, "--no-sweep"], "--rate N"),
        ([HERE, "--rate", "1000", "--max-rate", "500"], "--rate: 1000 is above --max-rate 500"),
        ([HERE, "--module", "example.com/a"], "has no version"),
        ([HERE, "--require", "p42<1s"], "no metric"),
        ([HERE, "--module", "example.com/a@v1.0.0"], "nothing of what was to be asked for"),
    ],
)
def test_wrong_input_is_said_before_anybody_is_loaded(
    arguments: list[str], words: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["lab", "load", *arguments]) == WRONG_INPUT
    assert words in capsys.readouterr().err


def test_without_wrk_there_is_no_comparison(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    assert run(["lab", "load", HERE, "--engine", "wrk"]) == WRONG_INPUT
    assert "no wrk" in capsys.readouterr().err


def test_a_run_is_kept_with_its_seed_and_its_steps(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "run"
    with in_own_thread(loaded_server()) as server:
        words = ["--module", "example.com/a@v1.0.0", "--file", "info", "--rate", "40", "--no-sweep"]
        more = ["--seconds", "0.5", "--seed", "4", "--json", "--save", str(folder)]
        assert run(["lab", "load", f"http://127.0.0.1:{server.port}", *words, *more]) in DONE
    document = json.loads(capsys.readouterr().out)
    assert document["manifest"]["seed"] == 4
    (step,) = document["result"]["steps"]
    assert step["offered"] == 40
    assert step["histogram"]
    assert json.loads((folder / "results" / "load.json").read_text()) == document["result"]


def test_a_bar_that_is_not_met_is_named(capsys: pytest.CaptureFixture[str]) -> None:
    with in_own_thread(loaded_server()) as server:
        words = ["--module", "example.com/a@v1.0.0", "--rate", "40", "--no-sweep", "--seconds", "0.3"]
        code = run(["lab", "load", f"http://127.0.0.1:{server.port}", *words, "--require", "knee>1000000"])
    assert code in {1, 2}
    assert "knee>1000000" in capsys.readouterr().err
