"""Rehearsals with a real modmirror, as users start them."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest

from modmirror.lab.fault.names import Names, NotPermitted

if TYPE_CHECKING:
    from pathlib import Path

LIMIT = 240.0


def rehearsed(*words: str) -> dict[str, Any]:
    command = [sys.executable, "-m", "modmirror", "lab", "fault", "run", *words, "--json"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=LIMIT, check=False)
    assert done.returncode in {0, 2}, done.stderr
    document = json.loads(done.stdout)
    if done.returncode:
        # The run says of itself that its times are worth nothing: a client's patience ends anywhere then.
        flags = ", ".join(flag["text"] for flag in document["manifest"]["flags"])
        pytest.skip(f"SKIPPED ALOUD: this machine is too busy to rehearse faults: {flags}")
    result: dict[str, Any] = document["result"]
    return result


def failed(run: dict[str, Any], kind: str) -> list[float]:
    return [point["at"] for point in run["points"] if point["kind"] == kind and not point["ok"]]


@pytest.mark.parametrize("scenario", ["cut", "tls-expired"])
def test_hits_and_lists_outlive_the_upstream(scenario: str) -> None:
    (run,) = rehearsed(scenario, "--time-scale", "0.05", "--seed", "1")["scenarios"][scenario]
    assert failed(run, "hit") == []
    assert run["wrong"] == 0
    assert run["stale"] > 0
    assert run["detect"] is not None
    # The fault begins after half a second. How soon a breaker trusts again is the mirror's own affair.
    assert failed(run, "miss")
    # What began long before it is well: on a busy machine an answer may take so long that it is cut.
    assert [at for at in failed(run, "miss") if at < 0.1] == []


@pytest.mark.parametrize("scenario", ["wrong-zip", "truncated"])
def test_nothing_wrong_is_ever_served(scenario: str) -> None:
    (run,) = rehearsed(scenario, "--time-scale", "0.05", "--seed", "2")["scenarios"][scenario]
    assert run["wrong"] == 0
    assert failed(run, "hit") == []


def test_with_a_second_upstream_misses_are_served_too() -> None:
    (run,) = rehearsed("cut", "--time-scale", "0.05", "--second")["scenarios"]["cut"]
    assert failed(run, "miss") == []
    assert failed(run, "list") == []


def test_a_name_that_cannot_be_resolved_is_played_or_skipped_aloud(tmp_path: Path) -> None:
    result = rehearsed("dns", "--time-scale", "0.05")
    try:
        Names(tmp_path).check()
    except NotPermitted as error:
        assert list(result["skipped"]) == ["dns"]
        pytest.skip(f"SKIPPED ALOUD: {error.reason}")
    (run,) = result["scenarios"]["dns"]
    assert failed(run, "hit") == []
    assert failed(run, "miss")
    assert any("resol" in text or "lookup" in text for text in run["failures"])
