from __future__ import annotations

import json
from io import BytesIO, TextIOWrapper
from typing import TYPE_CHECKING

import pytest

from modmirror.cli.main import FAILED, WRONG_INPUT, run
from tests.fakes.upstream import FakeUpstream

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture
def mirror() -> Iterator[FakeUpstream]:
    """What speaks the protocol will do as a mirror."""
    with FakeUpstream() as upstream:
        upstream.add("example.com/a", "v1.0.0")
        yield upstream


@pytest.fixture
def pinned(tmp_path: Path) -> Path:
    file = tmp_path / "pinned.txt"
    file.write_text("example.com/a@v1.0.0\n")
    return file


def test_everything_pinned_is_asked_for_and_exit_code_0(
    mirror: FakeUpstream, pinned: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["warm", str(pinned), "--url", mirror.url]) == 0
    said = capsys.readouterr()
    assert "cached and checked: 3 files of 1 module versions" in said.out
    assert said.err == ""
    for extension in ("info", "mod", "zip"):
        assert mirror.count(f"example.com/a/@v/v1.0.0.{extension}") == 1


def test_what_is_missing_is_listed_with_its_reason_and_exit_code_1(
    mirror: FakeUpstream, pinned: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with pinned.open("a") as file:
        file.write("example.com/none@v1.0.0\n")
    assert run(["warm", str(pinned), "--url", mirror.url]) == FAILED
    out = capsys.readouterr().out
    assert "missing: 3 of 6 files\n" in out
    assert "  example.com/none@v1.0.0 (zip): " in out
    assert "cached and checked: 3 files" in out


def test_json_says_the_same_for_programs(
    mirror: FakeUpstream, pinned: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["warm", str(pinned), "--url", mirror.url, "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert (told["files"], told["cached"], told["missing"], told["source_is_complete"]) == (3, 3, [], True)


def test_a_go_mod_brings_toolchains_and_says_that_it_is_not_everything(
    mirror: FakeUpstream, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    mirror.toolchain("1.99.0", "linux-amd64", {"bin/go": "x"})
    file = tmp_path / "go.mod"
    file.write_text("module x.y/z\ngo 1.99.0\nrequire example.com/a v1.0.0\nreplace x.y/b => ../b\n")
    assert run(["warm", str(file), "--url", mirror.url, "--toolchains", "linux/amd64"]) == 0
    assert "note: a go.mod does not name all that a build may fetch" in capsys.readouterr().out
    assert mirror.count("golang.org/toolchain/@v/v0.0.1-go1.99.0.linux-amd64.zip") == 1


def test_wrong_input_is_exit_code_2(
    mirror: FakeUpstream, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["warm", str(tmp_path / "none"), "--url", mirror.url]) == WRONG_INPUT
    assert "error: FILE: cannot read" in capsys.readouterr().err


@pytest.mark.parametrize("order", [["-", "--url", "URL"], ["--url", "URL", "-"]])
def test_a_dash_is_standard_input_wherever_it_stands(
    mirror: FakeUpstream,
    order: list[str],
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("sys.stdin", TextIOWrapper(BytesIO(b"example.com/a@v1.0.0\n")))
    assert run(["warm", *(mirror.url if each == "URL" else each for each in order)]) == 0
    assert "3 files of 1 module versions" in capsys.readouterr().out


def test_what_is_wrong_with_standard_input_is_said_of_it(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stdin", TextIOWrapper(BytesIO(b"hello there\n")))
    assert run(["warm", "-"]) == WRONG_INPUT
    assert capsys.readouterr().err.startswith("error: FILE: standard input: line 1: ")
