from __future__ import annotations

import sys
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING

import pytest

from modmirror.cli.main import WRONG_INPUT, run
from modmirror.cli.serve import ServeFlags, given_flags
from modmirror.config import SECTIONS, Config, Flag
from modmirror.server.settings import Listening

if TYPE_CHECKING:
    from collections.abc import Callable


class FakeCompose(ModuleType):
    """Stands for :mod:`modmirror.compose`: keeps what it was given, announces, and ends."""

    def __init__(self) -> None:
        super().__init__("modmirror.compose")
        self.config: Config | None = None

    def run(self, config: Config, announce: Callable[[Listening], None]) -> int:
        self.config = config
        announce(Listening("http://127.0.0.1:9", "/srv/go", ()))
        return 7


@pytest.fixture
def compose(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> FakeCompose:
    fake = FakeCompose()
    monkeypatch.setitem(sys.modules, "modmirror.compose", fake)
    monkeypatch.chdir(tmp_path)
    return fake


def test_flags_become_settings(compose: FakeCompose, tmp_path: Path) -> None:
    argv = [
        "serve",
        "--host",
        "0.0.0.0",
        "--port",
        "9",
        "--log-level",
        "debug",
        "--path-prefix",
        "/p",
        "--unix-socket",
        "s",
    ]
    argv += ["--store", str(tmp_path), "--upstream", "https://a.example", "--upstream", "https://b.example"]
    assert run(argv) == 7
    assert compose.config is not None
    server = compose.config.server
    assert (server.host, server.port, server.path_prefix, server.unix_socket) == ("0.0.0.0", 9, "/p", "s")
    assert compose.config.log.level == "debug"
    assert compose.config.storage.path == str(tmp_path)
    assert compose.config.route[0].from_ == ("https://a.example", "https://b.example")


def test_the_exit_code_is_that_of_the_mirror_and_the_banner_goes_to_stderr(
    compose: FakeCompose, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["serve"]) == 7
    captured = capsys.readouterr()
    assert captured.out == ""
    assert "listening on http://127.0.0.1:9" in captured.err
    assert compose.config == Config()


def test_a_wrong_setting_stops_before_anything_starts(
    compose: FakeCompose, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["serve", "--port", "70000"]) == WRONG_INPUT
    assert capsys.readouterr().err == "error: server.port: must be from 0 to 65535, got 70000 (--port)\n"
    assert compose.config is None


def test_the_file_of_the_flag_is_read(compose: FakeCompose, tmp_path: Path) -> None:
    (tmp_path / "m.toml").write_text("[server]\nport = 11\n")
    assert run(["serve", "--config", "m.toml"]) == 7
    assert compose.config is not None
    assert compose.config.server.port == 11


def test_every_flag_sets_a_key_that_exists() -> None:
    flags = ServeFlags(
        config=Path("x"),
        host="h",
        port=1,
        store="s",
        upstream=["u"],
        unix_socket="s",
        path_prefix="/p",
        tls_cert="c",
        tls_key="k",
        log_level="info",
    )
    given = given_flags(flags)
    assert all(flag.key in SECTIONS[flag.section].keys for flag in given)
    assert len(given) == 9
    assert given[0] == Flag("--host", "server", "host", "h")
    assert given_flags(ServeFlags()) == []
