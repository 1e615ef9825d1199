from __future__ import annotations

import asyncio
import json
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from modmirror.cli.lab.net import checks_text
from modmirror.cli.main import run
from modmirror.lab.net import selftest
from modmirror.lab.net.profile import EXAMPLE, NetProfile
from modmirror.lab.results.links import LinkCheck

if TYPE_CHECKING:
    from pathlib import Path

    from modmirror.lab.net.backend import Backend


def test_presets_are_shown_as_assumptions(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["lab", "net", "presets"]) == 0
    out = capsys.readouterr().out
    assert "(assumptions)" in out
    assert "cn-useast" in out
    assert run(["lab", "net", "presets", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["sat"]["rtt_ms"] == 600


def test_the_example_can_be_read_back(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["lab", "net", "example"]) == 0
    assert capsys.readouterr().out == EXAMPLE


def test_every_backend_says_whether_it_is_here(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["lab", "net", "backends"]) == 0
    assert "tcp     yes" in capsys.readouterr().out
    assert run(["lab", "net", "backends", "--json"]) == 0
    assert {"name", "available", "reason"} <= set(json.loads(capsys.readouterr().out)[0])


@pytest.mark.parametrize(("good", "code"), [(True, 0), (False, 1)])
def test_a_self_test_says_what_it_measured_and_fails_when_a_link_is_off(
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    *,
    good: bool,
    code: int,
) -> None:
    async def check(backend: Backend, region: str, profile: NetProfile) -> LinkCheck:
        await asyncio.sleep(0)
        return LinkCheck(region, "tcp", {"rtt_ms": profile.rtt_ms}, {}, good=good, note="slow")

    monkeypatch.setattr(selftest, "check_link", check)
    file = tmp_path / "net.toml"
    file.write_text(EXAMPLE)
    assert run(["lab", "net", "selftest", str(file), "--backend", "tcp", "--json"]) == code
    assert [each["region"] for each in json.loads(capsys.readouterr().out)] == ["berlin", "us-east"]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["selftest", "none.toml"], "none.toml cannot be read"),
        (["serve", "--control", "here"], "--control"),
        (["serve", "--backend", "tun"], "needs a topology"),
    ],
)
def test_wrong_input_is_exit_2_and_named(
    capsys: pytest.CaptureFixture[str], words: list[str], said: str
) -> None:
    assert run(["lab", "net", *words]) == 2
    assert said in capsys.readouterr().err


def test_a_table_names_the_links_that_are_off() -> None:
    checks = (
        LinkCheck("eu", "tcp", {"rtt_ms": 90.0}, {"rtt_ms": 91.5}, good=True),
        LinkCheck("us", "tun", {"rtt_ms": 90.0}, {"rtt_ms": 200.0}, good=False, note="too slow"),
    )
    lines = checks_text(checks).splitlines()
    assert lines[1].endswith("good")
    assert lines[2].endswith("OFF: too slow")


def test_serving_says_where_the_control_api_is_and_ends_with_ctrl_c() -> None:
    command = [sys.executable, "-m", "modmirror", "lab", "net", "serve", "--control", "127.0.0.1:0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline().startswith("control: http://127.0.0.1:")
        process.send_signal(2)
        assert process.wait(30) == 130
