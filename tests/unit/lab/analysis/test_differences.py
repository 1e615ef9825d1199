from __future__ import annotations

from random import Random
from typing import TYPE_CHECKING

import pytest

from modmirror.lab.analysis.differences import differences
from tests.fakes.samples import blocks, sample

if TYPE_CHECKING:
    from modmirror.measure.sample import Sample


def test_a_target_that_became_slower_is_worse() -> None:
    (found,) = differences(blocks(Random(1), {"x": 0.1}), blocks(Random(2), {"x": 0.15}))
    assert (found.target, found.what, found.worse) == ("x", "info/warm", True)
    assert found.after / found.before == pytest.approx(1.5, rel=0.2)
    assert found.p is not None
    assert found.p < 0.002


def test_a_target_that_became_faster_is_better() -> None:
    (found,) = differences(blocks(Random(1), {"x": 0.15}), blocks(Random(2), {"x": 0.1}))
    assert not found.worse


def test_chance_is_no_difference() -> None:
    found = [
        differences(blocks(Random(seed), {"x": 0.1}), blocks(Random(seed + 100), {"x": 0.1}))
        for seed in range(40)
    ]
    assert sum(map(bool, found)) <= 1


def test_a_difference_too_small_to_feel_is_none() -> None:
    before = blocks(Random(1), {"x": 0.1}, spread=0.01)
    assert differences(before, blocks(Random(2), {"x": 0.104}, spread=0.01)) == ()
    assert len(differences(before, blocks(Random(2), {"x": 0.107}, spread=0.01))) == 1


def test_too_few_samples_show_no_difference() -> None:
    few = blocks(Random(1), {"x": 0.1}, count=5), blocks(Random(1), {"x": 9.0}, count=5)
    assert differences(*few) == ()


def test_a_speed_that_fell_is_worse() -> None:
    def downloads(seconds: float) -> list[Sample]:
        return [
            sample("x", seconds + block / 1000, case="zip-large", size=2_000_000, block=block)
            for block in range(20)
        ]

    found = {each.what: each for each in differences(downloads(1.0), downloads(2.0))}
    assert set(found) == {"speed", "zip-large/warm"}
    assert found["speed"].worse
    assert found["speed"].after < found["speed"].before


def test_more_failures_are_worse_however_small_the_share() -> None:
    before = [sample("x", 0.1, block=block) for block in range(1000)]
    after = [
        sample("x", 0.1, block=block, outcome="reset" if block % 25 == 0 else "ok") for block in range(1000)
    ]
    (found,) = differences(before, after)
    assert (found.what, found.before, found.after, found.worse) == ("failures", 0, 0.04, True)


def test_what_one_run_lacks_is_left_out() -> None:
    assert differences(blocks(Random(1), {"x": 0.1}), blocks(Random(1), {"y": 0.9})) == ()
    assert differences([], blocks(Random(1), {"y": 0.9})) == ()
