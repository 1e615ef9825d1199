from __future__ import annotations

import gc

from modmirror.telemetry.metrics import PAUSE_BUCKETS
from modmirror.telemetry.pauses import NAME, PauseTally


def values(tally: PauseTally) -> dict[str, float]:
    (family,) = tally.collect()
    return {
        sample.labels.get("le", sample.name.removeprefix(NAME)): sample.value for sample in family.samples
    }


def test_a_run_of_the_collector_is_one_pause() -> None:
    ticks = iter((1.0, 1.003))
    tally = PauseTally(lambda: next(ticks))
    gc.disable()
    try:
        with tally.watching():
            gc.collect()
        gc.collect()
    finally:
        gc.enable()
    got = values(tally)
    assert got["_count"] == 1
    assert round(got["_sum"], 6) == 0.003
    assert (got["0.0025"], got["0.005"], got["+Inf"]) == (0, 1, 1)


def test_a_pause_on_a_bound_belongs_below_it_and_buckets_add_up() -> None:
    instants = iter([instant for bound in (*PAUSE_BUCKETS, 60.0) for instant in (0.0, bound)])
    tally = PauseTally(lambda: next(instants))
    for phase in ("start", "stop") * (len(PAUSE_BUCKETS) + 1):
        tally._heard(phase, {})
    got = values(tally)
    for reached, bound in enumerate(PAUSE_BUCKETS, 1):
        assert got[str(bound)] == reached
    assert got["+Inf"] == got["_count"] == len(PAUSE_BUCKETS) + 1
    assert got["_sum"] == sum((*PAUSE_BUCKETS, 60.0))


def test_nothing_is_counted_before_it_watches() -> None:
    tally = PauseTally()
    gc.collect()
    assert values(tally)["_count"] == 0
