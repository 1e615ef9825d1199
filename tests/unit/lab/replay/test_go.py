from __future__ import annotations

import sys
import time
from pathlib import Path

import pytest

from modmirror.errors import ConfigError
from modmirror.lab.replay.go import GoDownload, GoFailed, command_line, environment, find_go


def program(directory: Path, text: str) -> Path:
    file = directory / "go"
    file.write_text(f"#!/bin/sh\n{text}\n")
    file.chmod(0o755)
    return file


async def test_versions_and_the_mirror_are_given_to_the_command(tmp_path: Path) -> None:
    words = tmp_path / "words"
    binary = program(tmp_path, f'echo "$@ $GOPROXY $GOMODCACHE" >> {words}')
    go = GoDownload(binary, ("example.com/a@v1.0.0", "example.com/b@v1.0.0"), time.monotonic)
    assert await go.seconds("http://127.0.0.1:1") >= 0
    assert await go.seconds("http://127.0.0.1:1") >= 0
    first, second = words.read_text().splitlines()
    assert first.startswith("mod download example.com/a@v1.0.0 example.com/b@v1.0.0 http://127.0.0.1:1 ")
    assert first.split()[-1] != second.split()[-1], "each build begins with an empty cache of its own"
    assert not Path(second.split()[-1]).parent.exists()


async def test_a_failure_is_told_in_its_first_line(tmp_path: Path) -> None:
    binary = program(tmp_path, "echo 'example.com/a: not found' >&2; echo more >&2; exit 1")
    with pytest.raises(GoFailed, match="go mod download: example.com/a: not found"):
        await GoDownload(binary, (), time.monotonic).seconds("http://127.0.0.1:1")


def test_nothing_of_the_own_set_up_reaches_the_command(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GOFLAGS", "-x")
    monkeypatch.setenv("GOPRIVATE", "*")
    made = environment("/nowhere", "http://127.0.0.1:1", Path("/bin/go"))
    assert made["GOFLAGS"] == "-modcacherw"
    assert "GOPRIVATE" not in made


def test_without_go_the_user_is_told(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(sys, "prefix", str(tmp_path))
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(ConfigError, match="no go command"):
        find_go()
    (tmp_path / "bin").mkdir()
    binary = program(tmp_path / "bin", "")
    assert find_go() == binary


def test_the_length_of_a_command_line() -> None:
    assert command_line(("a@v1", "b@v1")) == 10
