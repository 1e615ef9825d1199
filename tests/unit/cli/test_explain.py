from __future__ import annotations

import json
from typing import Any

import pytest

from modmirror.cli.explain import as_lines
from modmirror.cli.main import WRONG_INPUT, run
from tests.fakes.upstream import FakeUpstream

TOLD: dict[str, Any] = {
    "module": "x.y/m",
    "version": "v1.0.0",
    "policy": {"allowed": True, "reason": "", "rule": None},
    "stored": {"info": True, "mod": True, "zip": False},
    "route": {"match": ["*"], "checksum_database": "verify", "offline": False, "order": "measured"},
    "asked": [{"upstream": "a.example", "score_ms": 30.0, "breaker": "closed", "why": "score 30 ms"}],
    "then": "it is fetched",
}


def test_a_person_reads_it_line_by_line() -> None:
    assert list(as_lines(TOLD)) == [
        "module  x.y/m@v1.0.0",
        "policy  allowed",
        "info    stored",
        "mod     stored",
        "zip     not stored",
        "route   *; checksum database: verify",
        "ask 1   a.example (score 30 ms)",
        "so      it is fetched",
    ]


def test_what_is_refused_is_short() -> None:
    told = {"module": "x", "version": "", "then": "refused: it has no dot"}
    assert list(as_lines(told)) == ["module  x", "so      refused: it has no dot"]


def test_the_mirror_is_asked_and_json_is_what_it_said(capsys: pytest.CaptureFixture[str]) -> None:
    with FakeUpstream() as mirror:
        mirror.put("-/explain/x.y/m@v1.0.0", json.dumps(TOLD).encode())
        assert run(["explain", "x.y/m@v1.0.0", "--url", mirror.url, "--json"]) == 0
        assert json.loads(capsys.readouterr().out) == TOLD


def test_without_a_mirror_the_exit_code_is_2(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["explain", "x.y/m", "--url", "http://127.0.0.1:1"]) == WRONG_INPUT
    assert "nobody answers" in capsys.readouterr().err


@pytest.mark.parametrize("module", ["nodot", "a.test/m/", "@v1.0.0", "a.test/m@feature/x"])
def test_what_is_no_module_is_wrong_input_and_nobody_is_asked(
    module: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with FakeUpstream() as mirror:
        assert run(["explain", module, "--url", mirror.url]) == WRONG_INPUT
        assert mirror.requests("*") == []
    assert capsys.readouterr().err.startswith("error: MODULE: ")
