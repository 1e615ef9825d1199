from __future__ import annotations

import json
import sys
import time
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from modmirror.cli.main import run
from modmirror.lab.emulate.behaviour import Behaviour
from modmirror.lab.emulate.modules import ModuleSet
from modmirror.mod.path import ModulePath
from tests.fakes.loopback_lab import emulated
from tests.fakes.own_thread import in_own_thread

if TYPE_CHECKING:
    from pathlib import Path

AGE = 100.0
"""Seconds: what is so old is looked at without any waiting."""


def tagged(folder: Path) -> tuple[ModuleSet, Path]:
    """Return a world with two versions that came a moment ago, and the file that tells of them."""
    modules, file = ModuleSet.generate(1), folder / "tags.jsonl"
    born = time.time() - AGE
    lines = []
    for name in ("one", "two"):
        path = f"example.com/new/{name}"
        modules.publish(ModulePath(path), "v1.0.0", born)
        when = datetime.fromtimestamp(born, UTC).isoformat()
        lines.append(json.dumps({"Path": path, "Version": "v1.0.0", "Timestamp": when}))
    file.write_text("\n".join(lines))
    return modules, file


def test_own_tags_are_found_on_a_mirror_and_lags_can_be_required(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    modules, tags = tagged(tmp_path)
    with in_own_thread(emulated({"good": Behaviour()}, modules)) as (_, (good,)):
        command = ["lab", "freshness", good.url, "--versions", str(tags), "--ask", "both", "--minutes", "1"]
        assert run([*command, "--json", "--require", "never<1"]) == 0
        lags = json.loads(capsys.readouterr().out)["result"]["targets"][good.authority]
        assert {place: lag["versions"] for place, lag in lags.items()} == {
            "list": 2,
            "latest": 2,
            "info": 2,
        }
        assert run([*command, "--require", "list median<1s"]) == 1
        assert "list median<1s" in capsys.readouterr().err


def test_a_run_is_resumed_for_what_was_not_seen_yet(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    modules, tags = tagged(tmp_path)
    save = str(tmp_path / "run")
    monkeypatch.setattr(sys, "argv", ["modmirror", "lab", "freshness", "--versions=tags.jsonl"])
    with in_own_thread(emulated({"stale": Behaviour(stale=10_000.0)}, modules)) as (_, (stale,)):
        command = ["lab", "freshness", stale.url, "--versions", str(tags), "--ask", "passive"]
        assert run([*command, "--minutes", "0.1", "--save", save, "--json"]) == 0
        first = json.loads(capsys.readouterr().out)["result"]["targets"][stale.authority]
        assert first["list"]["never"] == 2
        again = ["lab", "freshness", "--resume", save, "--minutes", "0.1", "--json"]
        assert run(again) == 0
        second = json.loads(capsys.readouterr().out)
    assert second["manifest"]["state"] == "complete"
    assert second["result"]["targets"][stale.authority]["list"]["never"] == 2
    samples = (tmp_path / "run" / "samples.jsonl").read_text().splitlines()
    ages = [json.loads(line)["started"] for line in samples if '"list"' in line]
    assert len(ages) == 4, "both versions were looked for again"
    assert ages == sorted(ages), "in the time of the first session"


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--versions", "none.jsonl"], "none.jsonl"),
        (["--minutes", "0"], "some time"),
        (["--count", "0"], "one version"),
        (["--index", "nonsense"], "--index"),
        (["--resume", "nowhere"], "nowhere is no run"),
        (["--resume", "x", "--save", "y"], "--save"),
        (["--ask", "loudly"], "--ask"),
        (["--require", "speed>1"], "no metric"),
    ],
)
def test_wrong_input_is_exit_2_and_named(
    capsys: pytest.CaptureFixture[str], words: list[str], said: str
) -> None:
    assert run(["lab", "freshness", "http://127.0.0.1:1", *words]) == 2
    assert said in capsys.readouterr().err


def test_a_run_of_another_kind_is_not_resumed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    save = str(tmp_path / "run")
    assert run(["lab", "probe", "http://127.0.0.1:1", "--save", save]) == 0
    assert run(["lab", "freshness", "--resume", save]) == 2
    assert "a run of probe" in capsys.readouterr().err
