from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from modmirror.cli.lab import session
from modmirror.cli.main import run
from modmirror.lab.emulate.behaviour import Behaviour
from modmirror.lab.emulate.modules import CATALOGUE
from tests.fakes.loopback_lab import emulated
from tests.fakes.own_thread import in_own_thread

if TYPE_CHECKING:
    from pathlib import Path

    from modmirror.lab.coverage.measure import CoveragePlan
    from modmirror.lab.results.coverage import CoverageResult

CORPUS = "".join(
    f'[[stratum]]\nname = "{spec.stratum}-{number}"\nmodules = ["{spec.path}@{spec.versions[0]}"]\n'
    for number, spec in enumerate(CATALOGUE)
)


def test_a_good_mirror_passes_and_a_corrupting_one_fails(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    corpus = tmp_path / "corpus.toml"
    corpus.write_text(CORPUS)
    behaviours = {"good": Behaviour(), "bad": Behaviour(corrupt=1.0)}
    with in_own_thread(emulated(behaviours)) as (sumdb, (good, bad)):
        words = ["--corpus", str(corpus), "--seed", "1", "--json", "--sumdb"]
        database = f"{sumdb.key} {good.url}/sumdb/{sumdb.name}"
        assert run(["lab", "coverage", good.url, *words, database]) == 0
        document = json.loads(capsys.readouterr().out)
        assert document["failures"] == []
        assert document["manifest"]["seed"] == 1
        save = tmp_path / "run"
        command = ["lab", "coverage", bad.url, good.url, *words, database, "--save", str(save)]
        assert run(command) == 1
        result = json.loads((save / "results" / "coverage.json").read_text())
        assert result["targets"][bad.authority]["mismatches"]
        assert not result["targets"][good.authority]["mismatches"]
        assert "wrong files" in capsys.readouterr().err


def test_a_bar_that_is_not_met_is_exit_1(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    corpus = tmp_path / "corpus.toml"
    corpus.write_text(CORPUS)
    with in_own_thread(emulated({"poor": Behaviour(missing=1.0)})) as (_, (poor,)):
        words = ["--corpus", str(corpus), "--zips", "0", "--require", "coverage>=98%"]
        assert run(["lab", "coverage", poor.url, *words]) == 1
    captured = capsys.readouterr()
    assert "0/1" in captured.out
    assert "coverage>=98%" in captured.err


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--corpus", "none.toml"], "none.toml"),
        (["--corpus", "a", "--from", "b"], "--corpus already"),
        (["--infos", "0"], "one at least"),
        (["--sumdb", "nonsense"], "nonsense"),
        (["--require", "speed>1"], "no metric"),
    ],
)
def test_wrong_input_is_exit_2_and_named(
    capsys: pytest.CaptureFixture[str], words: list[str], said: str
) -> None:
    assert run(["lab", "coverage", "http://127.0.0.1:1", *words]) == 2
    assert said in capsys.readouterr().err


def test_names_of_ones_own_are_told_to_no_database(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    plans: list[CoveragePlan] = []

    def seen(task: session.Task[CoverageResult], *_: object) -> int:
        plans.append(task.measure.plan)  # type: ignore[attr-defined]  # it is a Coverage
        return 0

    monkeypatch.setattr(session, "perform", seen)
    corpus = tmp_path / "corpus.toml"
    corpus.write_text(CORPUS)
    for words in ([], ["--corpus", str(corpus)], ["--sumdb", "off"]):
        assert run(["lab", "coverage", "http://127.0.0.1:1", *words]) == 0
    assert [plan.database is not None for plan in plans] == [True, False, False]
