from __future__ import annotations

from dataclasses import replace

from modmirror.lab.cache.analysis import cache_result
from modmirror.lab.results.cache import CacheResult
from modmirror.measure.sample import Timing
from tests.fakes.lab import sample

COLD = replace(sample("cache"), case="cold", headers={}, timing=Timing(wait=0.4, total=0.5))


def test_a_run_without_samples_has_an_empty_result() -> None:
    assert cache_result([], []) == CacheResult({}, ())


def test_failures_have_no_wait_and_are_named() -> None:
    found = cache_result([replace(COLD, outcome="4xx"), replace(COLD, outcome="timeout")], []).targets["a"]
    assert found.cold.n == 0
    assert found.saved_seconds is None
    assert "2 of 2 files were not to be had" in found.notes


def test_a_cold_file_without_a_warm_answer_is_compared_with_nothing() -> None:
    found = cache_result([COLD, replace(COLD, case="warm", block=1)], []).targets["a"]
    assert (found.cold.n, found.warm.n, found.ratio.n) == (0, 0, 0)
