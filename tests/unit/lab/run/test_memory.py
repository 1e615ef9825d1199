from __future__ import annotations

from tests.fakes.lab import memory_run, sample


def test_it_is_nowhere() -> None:
    assert memory_run().place == ""


def test_what_it_gave_is_not_what_it_keeps() -> None:
    run = memory_run()
    run.append(sample())
    given = list(run.samples())
    given.clear()
    assert len(run.samples()) == 1
