from __future__ import annotations

import json
from typing import TYPE_CHECKING

from modmirror.cli.lab.targets import looked_text
from modmirror.cli.main import WRONG_INPUT, run
from modmirror.lab.registry import known
from modmirror.lab.results.probe import ProbeResult, ProbeTarget, Side

if TYPE_CHECKING:
    from pathlib import Path

    import pytest

NONE = Side(1, 1, None, {})


def test_the_list_asks_nobody(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["lab", "targets", "--list"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 6
    assert lines[1].split() == ["goproxy.cn", "https://goproxy.cn", "Qiniu"]


def test_the_list_as_json_holds_the_facts(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["lab", "targets", "huawei", "--list", "--json"]) == 0
    (found,) = json.loads(capsys.readouterr().out)
    assert found["operator"] == "Huawei Cloud"
    assert any("418" in fact for fact in found["facts"])


def test_a_file_that_is_wrong_is_wrong_input(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "own.toml"
    file.write_text("[[target]]\nurl = 3")
    assert run(["lab", "targets", "--targets", str(file)]) == WRONG_INPUT
    err = capsys.readouterr().err
    assert err.startswith(f"error: target[0].url: expected str, got int ({file})")
    assert "hint: each mirror is a [[target]]" in err


def test_an_unreachable_mirror_is_a_clear_line() -> None:
    chosen = known()[:2]
    looked = {
        "proxy.golang.org": ProbeTarget(chosen[0].url, NONE, NONE, reason="the name does not resolve: x"),
        "goproxy.cn": ProbeTarget(
            chosen[1].url, NONE, NONE, 200, "10.0.0.1", "1.1", "TLSv1.3 AES", "Some CA", "Nov 2027"
        ),
    }
    text = looked_text(chosen, ProbeResult("x", looked))
    assert "    unreachable: the name does not resolve: x\n" in text
    assert (
        "    answers 200 from 10.0.0.1, HTTP/1.1, TLSv1.3 AES, certificate by Some CA until Nov 2027"
        in text
    )
    assert "    the default of the go command" in text
