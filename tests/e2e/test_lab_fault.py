"""Rehearsals with a real modmirror, as users start them."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest

from modmirror.cli.lab.options import INVALID_RUN
from modmirror.lab.fault.names import Names, NotPermitted

if TYPE_CHECKING:
    from pathlib import Path

LIMIT = 90.0
"""Seconds for one run; it plays for three."""
RUNS = 3
"""As often as ``lab net`` tries a link: what one moment of a busy machine spoils, another does not."""


def rehearsed(*words: str) -> dict[str, Any]:
    """Rehearse until a run is valid: of the others the times are worth nothing, as they say themselves."""
    for _ in range(RUNS):
        document, is_valid = one_run(*words)
        result: dict[str, Any] = document["result"]
        assert {*result["scenarios"], *result["skipped"]} == {words[0]}
        # No lack of time excuses wrong bytes.
        assert [run["wrong"] for runs in result["scenarios"].values() for run in runs if run["wrong"]] == []
        if is_valid:
            return result
    flags = ", ".join(flag["text"] for flag in document["manifest"]["flags"])
    pytest.skip(f"SKIPPED ALOUD: this machine is too busy to rehearse faults, {RUNS} times: {flags}")


def one_run(*words: str) -> tuple[dict[str, Any], bool]:
    """Return what a run says, and whether it is valid."""
    command = [sys.executable, "-m", "modmirror", "lab", "fault", "run", *words, "--json"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=LIMIT, check=False)
    assert done.returncode in {0, INVALID_RUN}, done.stderr
    document: dict[str, Any] = json.loads(done.stdout)
    assert bool(document["manifest"]["flags"]) == (done.returncode == INVALID_RUN)
    return document, done.returncode == 0


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
    assert [at for at in failed(run, "miss") if at < 0.4] == []


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
