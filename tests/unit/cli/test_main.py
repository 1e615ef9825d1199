from __future__ import annotations

import io
import os
import signal
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from modmirror.cli import main, version
from modmirror.cli.main import BUG, FAILED, INTERRUPTED, TERMINATED, WRONG_INPUT, run
from modmirror.errors import ConfigError, StorageBroken

if TYPE_CHECKING:
    from collections.abc import Callable


@pytest.fixture
def verb_raises(monkeypatch: pytest.MonkeyPatch) -> Callable[[BaseException], int]:
    def run_with(error: BaseException) -> int:
        def fail() -> str:
            raise error

        monkeypatch.setattr(version, "version_line", fail)
        return run(["version"])

    return run_with


def test_a_verb_that_ends_well_is_zero(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["version"]) == 0
    assert run(["--version"]) == 0
    out = capsys.readouterr().out.splitlines()
    assert out[0] == out[1]
    assert out[0].startswith("modmirror ")


def test_no_verb_prints_the_help(capsys: pytest.CaptureFixture[str]) -> None:
    assert run([]) == 0
    assert "Start the mirror." in capsys.readouterr().out


@pytest.mark.parametrize(
    ("argv", "message"),
    [
        (["serv"], 'Unknown command "serv". Did you mean "serve"?'),
        (["serve", "--prot", "1"], "Unknown option: --prot. Did you mean --port?"),
        (["serve", "--port", "http"], 'Invalid value for --port: unable to convert "http" into int.'),
        (["serve", "--log-level", "loud"], "Invalid value"),
        (["serve", "stray"], "stray"),
        (["lab", "report", "run", "--format", "doc"], 'Choose from: "text"'),
    ],
)
def test_wrong_usage_is_one_message_and_code_2(
    argv: list[str], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(argv) == WRONG_INPUT
    captured = capsys.readouterr()
    assert captured.out == ""
    assert message in captured.err
    hint = {"serv": "modmirror --help", "lab": "modmirror lab report --help"}.get(
        argv[0], "modmirror serve --help"
    )
    assert captured.err.endswith(f"hint: {hint} lists what there is\n")


def test_wrong_configuration_is_code_2_with_key_and_hint(
    verb_raises: Callable[[BaseException], int], capsys: pytest.CaptureFixture[str]
) -> None:
    assert verb_raises(ConfigError("server.port", "is taken", hint="choose another")) == WRONG_INPUT
    assert capsys.readouterr().err == "error: server.port: is taken\nhint: choose another\n"


def test_another_error_is_code_1(
    verb_raises: Callable[[BaseException], int], capsys: pytest.CaptureFixture[str]
) -> None:
    assert verb_raises(StorageBroken("the store cannot be read")) == FAILED
    assert capsys.readouterr().err == "error: the store cannot be read\n"


def test_ctrl_c_is_code_130_and_silent(
    verb_raises: Callable[[BaseException], int], capsys: pytest.CaptureFixture[str]
) -> None:
    assert verb_raises(KeyboardInterrupt()) == INTERRUPTED
    assert capsys.readouterr().err == ""


def test_being_told_to_end_is_code_143_and_silent(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def told() -> str:
        signal.raise_signal(signal.SIGTERM)
        raise AssertionError("it went on")

    monkeypatch.setattr(version, "version_line", told)
    assert run(["version"]) == TERMINATED
    assert capsys.readouterr().err == ""


def test_a_bug_is_owned_and_shows_no_traceback(
    verb_raises: Callable[[BaseException], int],
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delenv("MODMIRROR_DEBUG", raising=False)
    assert verb_raises(ZeroDivisionError("secret detail")) == BUG
    err = capsys.readouterr().err
    assert err.startswith("error: this is a bug in modmirror: ZeroDivisionError\nhint: ")
    assert "MODMIRROR_DEBUG=1" in err
    assert "secret detail" not in err


def test_debug_shows_the_traceback(
    verb_raises: Callable[[BaseException], int],
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("MODMIRROR_DEBUG", "1")
    assert verb_raises(ZeroDivisionError("detail")) == BUG
    assert "ZeroDivisionError: detail" in capsys.readouterr().err


def test_labels_are_coloured_on_a_terminal_only(monkeypatch: pytest.MonkeyPatch) -> None:
    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    for environ, coloured in (({}, True), ({"NO_COLOR": "1"}, False)):
        stream = Terminal()
        monkeypatch.setattr(sys, "stderr", stream)
        monkeypatch.setattr(os, "environ", environ)
        assert run(["serv"]) == WRONG_INPUT
        assert ("\x1b[31merror:\x1b[0m" in stream.getvalue()) is coloured


def test_a_reader_that_leaves_early_is_no_error() -> None:
    command = [sys.executable, "-m", "modmirror", "config", "example"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.close()
        err = process.stderr.read()
        assert process.wait(30) in (0, main.PIPE_CLOSED)
    assert err == b""


def test_help_imports_no_verb() -> None:
    code = (
        "import sys; from modmirror.cli.main import run; run(['--help']);"
        "print([m for m in sys.modules if m in ('modmirror.cli.serve', 'modmirror.config', 'granian')])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.endswith("[]\n")


def test_a_locale_that_cannot_spell_the_text_still_gets_it() -> None:
    environ = {**os.environ, "PYTHONIOENCODING": "latin-1"}
    done = subprocess.run(
        [sys.executable, "-m", "modmirror", "serve", "--help"],
        env=environ,
        capture_output=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, b"")
    assert b"?" in done.stdout
    assert b"modmirror serve --config" in done.stdout
