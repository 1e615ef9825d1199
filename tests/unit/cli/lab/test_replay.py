from __future__ import annotations

import json
from pathlib import Path

import pytest

from modmirror.cli.lab.replay import split
from modmirror.cli.main import WRONG_INPUT, run
from modmirror.lab.emulate.behaviour import Behaviour
from modmirror.lab.emulate.modules import ModuleSet
from tests.fakes.builds import write_go_sum
from tests.fakes.loopback_lab import emulated
from tests.fakes.own_thread import in_own_thread

HERE = "http://127.0.0.1:1"


def test_a_build_is_replayed_and_kept(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file, folder = write_go_sum(tmp_path), tmp_path / "run"
    with in_own_thread(emulated({"good": Behaviour()}, ModuleSet.generate(1))) as (_, (good,)):
        words = [str(file), good.url, "--repeats", "2", "--json", "--save", str(folder)]
        assert run(["lab", "replay", *words]) == 0
    (cost,) = json.loads(capsys.readouterr().out)["result"]["targets"].values()
    assert cost["requests"] == 13
    assert cost["failed"] == 0
    assert (folder / "results" / "replay.json").exists()


def test_a_bar_that_is_not_met_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = write_go_sum(tmp_path)
    with in_own_thread(emulated({"poor": Behaviour(missing=1.0)}, ModuleSet.generate(1))) as (_, (poor,)):
        code = run(["lab", "replay", str(file), poor.url, "--repeats", "1", "--require", "failed<=0"])
    assert code == 1
    assert "failed<=0" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ([], "FILE"),
        (["none.sum", HERE], "none.sum is no file"),
        (["SUM"], "name the mirrors"),
        (["SUM", HERE, "--repeats", "0"], "--repeats"),
        (["SUM", "nobody"], 'no target is called "nobody"'),
        (["SUM", HERE, "--require", "p99<1s"], "no metric"),
    ],
)
def test_wrong_input_is_said_before_anybody_is_asked(
    tmp_path: Path, words: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    file = str(write_go_sum(tmp_path))
    assert run(["lab", "replay", *(file if word == "SUM" else word for word in words)]) == WRONG_INPUT
    assert said in capsys.readouterr().err


def test_a_build_that_no_command_line_holds_is_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "list"
    file.write_text("".join(f"example.com/{'m' * 100}{number}@v1.0.0\n" for number in range(1200)))
    assert run(["lab", "replay", str(file), HERE, "--go"]) == WRONG_INPUT
    assert "too many" in capsys.readouterr().err


def test_files_and_mirrors_are_told_apart(tmp_path: Path) -> None:
    file = write_go_sum(tmp_path)
    assert split((str(file), HERE, "goproxy.cn")) == ([Path(file)], [HERE, "goproxy.cn"])
