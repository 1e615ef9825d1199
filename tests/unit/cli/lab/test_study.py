from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from modmirror.cli.main import run
from modmirror.lab.emulate.behaviour import Behaviour
from modmirror.lab.results.links import LinkCheck
from modmirror.lab.run.folder import RunFolder
from tests.fakes.loopback_lab import emulated
from tests.fakes.own_thread import in_own_thread

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

MODULE = "example.com/lab/text@v1.0.0"


@pytest.fixture
def config(tmp_path: Path) -> Iterator[Path]:
    with in_own_thread(emulated({"good": Behaviour(), "slow": Behaviour(delay=0.01)})) as (_, targets):
        rows = "".join(f'[[target]]\nname = "{each.name}"\nurl = "{each.url}"\n' for each in targets)
        file = tmp_path / "tiny.toml"
        file.write_text(
            f'[study]\nseed = 7\n[probe]\nmodule = "{MODULE}"\n'
            f'[bench]\nblocks = 6\nzips = 0\nmodules = ["{MODULE}"]\n{rows}'
        )
        yield file


def test_a_study_ends_with_ranking_setting_and_reports_and_is_not_made_twice(
    config: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert run(["lab", "study", str(config)]) == 0
    out, err = capsys.readouterr()
    assert "Verdict" in out
    assert "GOPROXY" in out
    assert "kept: tiny" in err
    folder = RunFolder.open(tmp_path / "tiny")
    assert (folder.manifest.state, folder.manifest.seed) == ("complete", 7)
    samples = list(folder.samples())
    assert {path.name for path in folder.path.glob("report.*")} == {
        "report.txt", "report.md", "report.html", "report.json",
    }  # fmt: skip
    assert run(["lab", "study", str(config), "--json"]) == 0
    document = json.loads(capsys.readouterr().out)
    assert document["state"] == "complete"
    assert document["ranking"]["targets"][0]["target"] == "good"
    assert list(RunFolder.open(tmp_path / "tiny").samples()) == samples


def test_a_study_behind_an_emulated_line_measures_the_line_first_and_then_through_it(
    config: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "net.toml").write_text(
        '[[link]]\nregion = "eu"\nto = "a:1"\nprofile = {rtt_ms = 60, rate_down = 20, rate_up = 20}\n'
    )
    text = config.read_text().replace("[probe]", '[net]\ntopology = "net.toml"\n[probe]')
    config.write_text(text.replace("blocks = 6", "blocks = 1"))
    code = run(["lab", "study", str(config), "--save", str(tmp_path / "run")])
    _, err = capsys.readouterr()
    if "links are not as asked for" in err:
        pytest.skip(f"SKIPPED ALOUD: this machine is too busy to carry a link: {err}")
    assert code == 0, err
    folder = RunFolder.open(tmp_path / "run")
    (check,) = folder.result("links", tuple[LinkCheck, ...]) or ()
    assert (check.region, check.backend, check.good) == ("eu", "tcp", True)
    assert folder.manifest.region == "eu"
    assert all(each.emulated_connect == 0.06 for each in folder.manifest.targets)
    cold = [each for each in folder.samples("probe") if each.timing.connect is not None]
    assert cold
    assert all((each.timing.connect or 0) >= 0.0599 for each in cold)
    answers = [each for each in folder.samples("bench") if each.outcome == "ok"]
    assert answers
    assert all(each.timing.total >= 0.0595 for each in answers)
    assert "Emulated links" in (tmp_path / "run" / "report.txt").read_text()
    # What is complete needs no line any more.
    assert run(["lab", "study", str(config), "--save", str(tmp_path / "run")]) == 0
    assert folder.result("links", tuple[LinkCheck, ...]) == (check,)


def test_another_configuration_is_another_study(
    config: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["lab", "study", str(config), "--save", str(tmp_path / "run")]
    assert run(words) == 0
    config.write_text(config.read_text().replace("blocks = 6", "blocks = 7"))
    assert run(words) == 2
    assert "another configuration" in capsys.readouterr().err


def test_each_region_is_a_study_of_its_own_in_a_folder_called_so(
    config: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    near = "{rtt_ms = 4}"
    (tmp_path / "net.toml").write_text(
        "".join(f'[[link]]\nregion = "{name}"\nto = "a:1"\nprofile = {near}\n' for name in ("eu", "us"))
    )
    text = config.read_text().replace("[probe]", '[net]\ntopology = "net.toml"\nregion = "eu"\n[probe]')
    config.write_text(text.replace("blocks = 6", "blocks = 1"))
    words = ["lab", "study", str(config), "--region"]
    code = run([*words, "us"])
    _, err = capsys.readouterr()
    if "links are not as asked for" in err:
        pytest.skip(f"SKIPPED ALOUD: this machine is too busy to carry a link: {err}")
    assert code == 0, err
    assert RunFolder.open(tmp_path / "tiny-us").manifest.region == "us"
    assert run([*words, "eu", "--save", "tiny-us"]) == 2
    assert "is measured from us" in capsys.readouterr().err
    assert run([*words, "rome"]) == 2
    assert not (tmp_path / "tiny-rome").exists()


def test_another_seed_is_another_study(
    config: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["lab", "study", str(config), "--save", str(tmp_path / "run"), "--seed"]
    assert run([*words, "8"]) == 0
    assert RunFolder.open(tmp_path / "run").manifest.seed == 8
    assert run([*words, "9"]) == 2
    assert "was begun with 8" in capsys.readouterr().err


def test_a_bar_that_is_not_met_is_exit_1(config: Path, tmp_path: Path) -> None:
    config.write_text(config.read_text().replace("seed = 7", 'seed = 7\nrequire = ["median<1us"]'))
    assert run(["lab", "study", str(config), "--save", str(tmp_path / "run")]) == 1


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("seed = 7", 'require = ["p95 is small"]'),
        ("blocks = 6", "blocks = 0"),
        ("[probe]", "[prob]"),
        ("[probe]", '[net]\nprofile = "mars"\n[probe]'),
    ],
)
def test_what_cannot_be_is_said_before_a_folder_is_made(
    config: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], before: str, after: str
) -> None:
    config.write_text(config.read_text().replace(before, after))
    assert run(["lab", "study", str(config), "--save", str(tmp_path / "run")]) == 2
    assert capsys.readouterr().err.startswith("error: ")
    assert not (tmp_path / "run").exists()


def test_init_prints_what_study_reads(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["lab", "study", "--init"]) == 0
    assert capsys.readouterr().out.startswith("# A study")
    assert run(["lab", "study", str(tmp_path / "none.toml")]) == 2
    assert "--init" in capsys.readouterr().err
    assert run(["lab", "study"]) == 2
