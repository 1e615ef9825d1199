from __future__ import annotations

from dataclasses import replace

import pytest

from modmirror.lab.kept import event_of
from modmirror.lab.replay.analysis import BUILD, COMPUTED, NAME, TOOK, Took, replay_result
from modmirror.lab.results.replay import ReplayResult
from tests.fakes.lab import sample


def test_a_run_that_was_interrupted_at_once_has_a_result() -> None:
    assert replay_result([], []) == ReplayResult("", {})


def test_builds_that_were_not_whole_have_no_time() -> None:
    events = [event_of(BUILD, 0.0, "go.sum")]
    events += [event_of(TOOK, 1.0, Took("a", float(seconds))) for seconds in range(1, 8)]
    events.append(event_of(TOOK, 1.0, Took("a", 0.001, failed="2 files were not to be had")))
    samples = [replace(sample(NAME, block=block), size=block) for block in (0, 0, 1, 1, 1)]
    result = replay_result(samples, events)
    assert result.build == "go.sum"
    found = result.targets["a"]
    assert (found.seconds.value, found.seconds.n) == (4.0, 7)
    assert (found.requests, found.size) == (3, 3), "of the last build"
    assert found.note == "2 files were not to be had"
    assert found.go_seconds is None


def test_few_builds_have_no_interval_and_the_go_command_has_its_own() -> None:
    events = [event_of(TOOK, 1.0, Took("a", 2.0, computed=True)) for _ in range(5)]
    events += [event_of(TOOK, 1.0, Took("a", 3.0, go=True)) for _ in range(6)]
    found = replay_result([], events).targets["a"]
    assert found.seconds.value is None
    assert found.go_seconds is not None
    assert found.go_seconds.value == pytest.approx(3.0)
    assert found.note == COMPUTED
