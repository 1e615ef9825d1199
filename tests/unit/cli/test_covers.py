from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from modmirror.cli.main import FAILED, WRONG_INPUT, run
from tests.fakes.gomodules import GoModules
from tests.fakes.upstream import FakeUpstream

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def store(tmp_path: Path) -> Path:
    """The tree of a store with one module version."""
    modules = GoModules()
    modules.add("example.com/a", "v1.0.0")
    modules.write(tmp_path / "store")
    return tmp_path / "store"


@pytest.fixture
def pinned(tmp_path: Path) -> Path:
    file = tmp_path / "pinned.txt"
    file.write_text("example.com/a@v1.0.0\n")
    return file


def test_a_store_that_has_everything_covers_the_build(
    store: Path, pinned: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["covers", str(pinned), "--store", str(store)]) == 0
    assert capsys.readouterr().out == "yes: all 3 files of 1 module versions are kept\n"


def test_what_is_not_kept_is_listed_and_exit_code_1(
    store: Path, pinned: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (store / "example.com/a/@v/v1.0.0.zip").unlink()
    assert run(["covers", str(pinned), "--store", str(store)]) == FAILED
    out = capsys.readouterr().out
    assert out.startswith("no: 1 of 3 files are not kept\n  example.com/a@v1.0.0 (zip): ")
    assert "modmirror warm" in out


def test_a_mirror_is_asked_only_for_what_it_keeps(pinned: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with FakeUpstream() as mirror:
        for extension in ("info", "mod"):
            mirror.put(f"cached-only/example.com/a/@v/v1.0.0.{extension}", "x")
        assert run(["covers", str(pinned), "--url", mirror.url, "--json"]) == FAILED
        asked = [seen.path for seen in mirror.requests("*") if seen.path != "livez"]
    told = json.loads(capsys.readouterr().out)
    assert (told["covered"], told["files"], told["kept"]) == (False, 3, 2)
    assert [each["file"] for each in told["missing"]] == ["zip"]
    assert len(asked) == 3
    assert all("cached-only/" in path for path in asked)


def test_a_go_mod_is_said_to_be_less_than_everything(
    store: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "go.mod"
    file.write_text("module x.y/z\nrequire example.com/a v1.0.0\n")
    assert run(["covers", str(file), "--store", str(store)]) == 0
    assert "note: a go.mod does not name all" in capsys.readouterr().out


@pytest.mark.parametrize("name", ["go.sum", "pins.txt"])
def test_where_nothing_is_pinned_there_is_no_yes(
    store: Path, tmp_path: Path, name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / name
    file.touch()
    assert run(["covers", str(file), "--store", str(store)]) == WRONG_INPUT
    said = capsys.readouterr()
    assert said.out == ""
    assert f"error: FILE: nothing to check: no module version is pinned by {file}\nhint: " in said.err


@pytest.mark.parametrize("arguments", [["--store", "/nowhere"], ["--store", "/", "--url", "http://x.y"]])
def test_wrong_usage_is_exit_code_2(
    pinned: Path, arguments: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["covers", str(pinned), *arguments]) == WRONG_INPUT
    assert "error: --store:" in capsys.readouterr().err
