from __future__ import annotations

import json
import tomllib
from typing import TYPE_CHECKING

import pytest

from modmirror.cli.main import FAILED, WRONG_INPUT, run

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(autouse=True)
def elsewhere(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("MODMIRROR_CONFIG", raising=False)


def test_show_prints_toml_in_force(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["config", "show"]) == 0
    assert tomllib.loads(capsys.readouterr().out)["server"]["port"] == 8080


def test_explain_adds_the_source_of_each_value(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "modmirror.toml").write_text("[log]\nlevel = 'debug'\n")
    monkeypatch.setenv("MODMIRROR_SERVER__PORT", "9")
    assert run(["config", "show", "--explain"]) == 0
    lines = [" ".join(line.split()) for line in capsys.readouterr().out.splitlines()]
    assert "port = 9 # MODMIRROR_SERVER__PORT" in lines
    assert 'level = "debug" # modmirror.toml:2' in lines
    assert 'host = "127.0.0.1" # default' in lines


def test_json_has_value_and_source_without_secrets(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    (tmp_path / "m.toml").write_text('[[route]]\nfrom = ["https://me:s3cret@a.example"]\n')
    assert run(["config", "show", "--json", "--config", "m.toml"]) == 0
    out = capsys.readouterr().out
    assert json.loads(out)["route[0].from"] == {"value": ["https://***@a.example"], "source": "m.toml:2"}
    assert "s3cret" not in out


def test_check_says_which_file_is_right(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    (tmp_path / "m.toml").write_text("[server]\nport = 1\n")
    assert run(["config", "check", "m.toml"]) == 0
    assert capsys.readouterr().out == "m.toml: ok · 配置正确\n"
    assert run(["config", "check"]) == 0
    assert capsys.readouterr().out == "the defaults: ok · 配置正确\n"


def test_check_of_a_wrong_file_is_code_2(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    (tmp_path / "m.toml").write_text("[server]\nprot = 1\n")
    assert run(["config", "check", "m.toml"]) == WRONG_INPUT
    assert capsys.readouterr().err == (
        'error: server.prot: there is no such key (m.toml:2)\nhint: did you mean "port"?\n'
    )


def test_a_file_that_is_not_there_is_told_with_what_helps_where_it_was_named(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert run(["config", "check", "none.toml"]) == WRONG_INPUT
    example = "`modmirror config example` prints one to begin with"
    reason = "error: cannot read none.toml: No such file or directory"
    assert capsys.readouterr().err == f"{reason}\nhint: {example}\n"
    monkeypatch.setenv("MODMIRROR_CONFIG", "none.toml")
    assert run(["config", "check"]) == WRONG_INPUT
    assert capsys.readouterr().err == f"{reason}\nhint: the variable MODMIRROR_CONFIG names it\n"


def test_the_example_passes_its_own_check(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    assert run(["config", "example"]) == 0
    (tmp_path / "m.toml").write_text(capsys.readouterr().out)
    assert run(["config", "check", "m.toml"]) == 0


def test_check_refuses_the_keys_that_serve_would_refuse(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "m.toml"
    key = '[[access]]\nname = "a"\nkind = "token"\nurl = "{}://git.a.example/"\nsecret_env = "A_TOKEN"\n'
    monkeypatch.delenv("A_TOKEN", raising=False)
    file.write_text(key.format("https"))
    assert run(["config", "check", "m.toml"]) == WRONG_INPUT
    assert "access[0].secret_env: the variable A_TOKEN is not set" in capsys.readouterr().err
    monkeypatch.setenv("A_TOKEN", "s3cret")
    assert run(["config", "check", "m.toml"]) == 0
    file.write_text(key.format("http"))
    assert run(["config", "check", "m.toml"]) == WRONG_INPUT
    assert "is not an https URL" in capsys.readouterr().err


def test_check_needs_no_temporary_directory_where_there_are_no_keys(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "gone"))
    assert run(["config", "check"]) == 0


def test_check_says_that_keys_need_a_temporary_directory(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    key = '[[access]]\nname = "a"\nkind = "token"\nurl = "https://git.a.example/"\nsecret_env = "A_TOKEN"\n'
    (tmp_path / "a.toml").write_text(key)
    monkeypatch.setenv("A_TOKEN", "secret")
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "gone"))
    assert run(["config", "check", str(tmp_path / "a.toml")]) == FAILED
    assert "a directory for keys cannot be made: No such file or directory" in capsys.readouterr().err
