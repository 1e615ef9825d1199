from __future__ import annotations

from random import Random

from modmirror.lab.analysis.bench import bench
from modmirror.lab.analysis.benchkept import (
    ENDED,
    INTERRUPTED,
    PLANNED,
    Ending,
    Planned,
    bench_result,
    clear,
    spent,
)
from modmirror.lab.kept import event_of
from tests.fakes.samples import blocks, sample

SAMPLES = blocks(Random(1), {"x": 0.1, "y": 0.2}, 30)
BEGUN = event_of(PLANNED, 0, Planned(100, ("info",)))


def test_an_end_and_the_plan_make_the_result() -> None:
    ending = clear(30, 100)
    found = bench_result(SAMPLES, [BEGUN, event_of(ENDED, 9, ending)])
    assert found == bench(SAMPLES, {"info": 100}, ending.en, ending.zh)
    assert found.stopped == "after 30 of 100 blocks every difference was clear"


def test_a_bench_that_wrote_no_end_was_interrupted() -> None:
    assert bench_result(SAMPLES, [BEGUN]).stopped == INTERRUPTED.en
    assert bench_result(SAMPLES, []).stopped_zh == INTERRUPTED.zh


def test_the_end_of_an_earlier_attempt_is_not_that_of_the_last() -> None:
    events = [BEGUN, event_of(ENDED, 9, Ending()), BEGUN]
    assert bench_result(SAMPLES, events).stopped == INTERRUPTED.en


def test_other_measurements_are_left_out() -> None:
    others = [*SAMPLES, sample("z", measurement="coverage")]
    assert bench_result(others, [BEGUN]) == bench_result(SAMPLES, [BEGUN])


def test_politeness_tells_its_reason_in_both_languages() -> None:
    ending = spent("200 MB were fetched")
    assert ending.en == "200 MB were fetched"
    assert ending.zh == "已达到对他人主机的流量上限"
