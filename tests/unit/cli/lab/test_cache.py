from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from modmirror.cli.main import WRONG_INPUT, run
from modmirror.lab.emulate.behaviour import Behaviour
from tests.fakes.loopback_lab import emulated
from tests.fakes.own_thread import in_own_thread

if TYPE_CHECKING:
    from pathlib import Path

WELL = "example.com/lab/well"


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--keys", "0"], "one at least"),
        (["--together", "1"], "two at least"),
        (["--upstream-metrics", "here"], "--upstream-metrics"),
        (["--module", "example.com/a"], "has no version"),
        (["--log", "none.jsonl"], "asks no mirror"),
    ],
)
def test_wrong_input_is_said_before_anybody_is_asked(
    arguments: list[str], words: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["lab", "cache", "http://127.0.0.1:1", *arguments]) == WRONG_INPUT
    assert words in capsys.readouterr().err


def test_a_mirror_without_a_cache_is_measured_all_the_same(capsys: pytest.CaptureFixture[str]) -> None:
    words = [word for number in range(12) for word in ("--module", f"{WELL}@v1.0.{number}")]
    with in_own_thread(emulated({"plain": Behaviour()})) as (_, (plain,)):
        code = run(["lab", "cache", plain.url, *words, "--requests", "20", "--together", "4", "--json"])
    assert code == 0
    (found,) = json.loads(capsys.readouterr().out)["result"]["targets"].values()
    assert found["cold"]["n"] == 6
    assert found["concurrent"] == 4


def test_a_log_is_read_without_a_mirror(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    log = tmp_path / "access.jsonl"
    row = {"time": 1.0, "path": "/example.com/a/@v/list", "status": 200, "seconds": 0.1, "cache": "hit"}
    log.write_text(json.dumps(row) + "\n")
    assert run(["lab", "cache", "--log", str(log)]) == 0
    assert "/example.com/a/@v/list" in capsys.readouterr().out
    assert run(["lab", "cache", "--log", str(tmp_path / "none")]) == WRONG_INPUT
    assert "No such file" in capsys.readouterr().err
