"""What the statistics promise, held against runs whose truth is known (lab.md 8.4)."""

from __future__ import annotations

import zlib
from base64 import b64encode
from math import cos, exp, log, pi, sin
from random import Random
from statistics import NormalDist
from struct import pack
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from modmirror.lab.analysis.bench import bench, may_stop
from modmirror.lab.analysis.ranking import Findings, rank
from modmirror.lab.analysis.warming import left_out, warm_ups
from modmirror.measure.histogram import Histogram
from modmirror.measure.quantiles import interval, quantile
from tests.fakes.samples import blocks, sample

if TYPE_CHECKING:
    from collections.abc import Callable

    from modmirror.measure.sample import Sample

RUNS = 200
SPREAD = 0.35
SLOW_SHARE = 0.02
SLOWER = 20.0


def answer_time(chance: Random) -> float:
    """Draw the time of a mirror at 100 ms that is twenty times slower in one of fifty requests."""
    middle = 0.1 * (SLOWER if chance.random() < SLOW_SHARE else 1)
    return exp(log(middle) + chance.gauss(0, SPREAD))


def true_quantile(q: float) -> float:
    """Find the quantile of the law of :func:`answer_time` by halving."""
    law = NormalDist(0, SPREAD)
    low, high = 0.001, 100.0
    while high - low > 1e-9:
        middle = (low + high) / 2
        below = (1 - SLOW_SHARE) * law.cdf(log(middle / 0.1))
        below += SLOW_SHARE * law.cdf(log(middle / 0.1 / SLOWER))
        low, high = (middle, high) if below < q else (low, middle)
    return low


@pytest.mark.parametrize(("q", "n"), [(0.5, 30), (0.5, 100), (0.95, 100), (0.95, 400), (0.99, 400)])
def test_an_interval_holds_the_truth_in_at_least_93_of_100_runs(q: float, n: int) -> None:
    chance = Random(20)
    truth = true_quantile(q)
    held = 0
    for _ in range(RUNS):
        found = interval([answer_time(chance) for _ in range(n)], q)
        assert found is not None
        held += found.low <= truth <= found.high
    assert held >= 0.93 * RUNS


def tied(samples: list[Sample], planned: int) -> bool:
    (pair,) = bench(samples, {"info": planned}).comparisons
    return pair.tie


def until_settled(samples: list[Sample], planned: int) -> list[Sample]:
    """Return what a bench that may end early would have measured."""
    for look in (planned // 4, planned // 2):
        so_far = [each for each in samples if each.block < look]
        if may_stop(so_far, planned):
            return so_far
    return samples


@pytest.mark.parametrize("early", [False, True])
def test_two_alike_are_called_a_tie_in_at_least_95_of_100_runs(early: bool) -> None:
    chance = Random(11)
    ties = 0
    for _ in range(RUNS):
        samples = blocks(chance, {"x": 0.1, "y": 0.1})
        ties += tied(until_settled(samples, 100) if early else samples, 100)
    assert ties >= 0.95 * RUNS


@pytest.mark.parametrize("early", [False, True])
def test_a_target_slower_by_a_fifth_is_found_in_at_least_90_of_100_runs(early: bool) -> None:
    chance = Random(12)
    found = 0
    for _ in range(RUNS):
        samples = blocks(chance, {"x": 0.1, "y": 0.12})
        kept = until_settled(samples, 100) if early else samples
        found += bench(kept, {"info": 100}).groups["info/warm"] == {"x": "a", "y": "b"}
    assert found >= 0.90 * RUNS


def test_a_clear_difference_ends_early_in_most_runs() -> None:
    chance = Random(13)
    ended = sum(len(until_settled(blocks(chance, {"x": 0.1, "y": 0.15}), 100)) < 200 for _ in range(40))
    assert ended >= 30


def test_a_drift_makes_no_winner_of_random_blocks() -> None:
    chance = Random(14)
    ties = 0
    for _ in range(RUNS):
        drifting = blocks(
            chance, {"x": 0.1, "y": 0.1}, drift=lambda block, place: 1 + 0.15 * (2 * block + place) / 200
        )
        ties += tied(drifting, 100)
    assert ties >= 0.95 * RUNS


def test_the_same_drift_makes_winners_of_a_sequence() -> None:
    # The counter-check: one target after the other, as most published comparisons do it.
    chance = Random(15)
    ties = 0
    for _ in range(40):
        samples = [
            sample(
                target,
                0.1 * exp(chance.gauss(0, 0.1)) * (1 + 0.15 * (100 * half + block) / 200),
                block=block,
            )
            for half, target in enumerate("xy")
            for block in range(100)
        ]
        ties += tied(samples, 100)
    assert ties <= 4


def test_a_ranking_of_two_alike_names_a_winner_in_at_most_5_of_100_runs() -> None:
    chance = Random(16)
    winners = [
        rank(Findings(("x", "y"), blocks(chance, {"x": 0.1, "y": 0.1}, 60)), chance, draws=100).winner
        for _ in range(100)
    ]
    # Chance alone passes 5 % in a hundred runs now and then; twice as many would be a wrong method.
    assert sum(each is not None for each in winners) <= 9


@pytest.mark.parametrize("q", [0.5, 0.9, 0.95, 0.99, 0.999])
def test_merged_histograms_say_what_the_raw_times_say(q: float) -> None:
    chance = Random(17)
    workers = [[answer_time(chance) for _ in range(5000)] for _ in range(4)]
    merged = Histogram()
    for times in workers:
        own = Histogram()
        for seconds in times:
            own.record(seconds)
        merged.merge(Histogram.decode(own.encode()))
    raw = sorted(seconds for times in workers for seconds in times)
    found = merged.quantile(q)
    assert found is not None
    assert found == pytest.approx(raw[round(q * len(raw)) - 1], rel=0.001)
    assert found == pytest.approx(quantile(raw, q), rel=0.01)


@given(payload=st.binary(max_size=60))
def test_whatever_bytes_come_a_histogram_is_read_or_refused(payload: bytes) -> None:
    plain = pack(">iiiiqqd", 0x1C849313, len(payload), 0, 3, 1, 60_000_000, 1.0) + payload
    data = zlib.compress(plain)
    text = b64encode(pack(">ii", 0x1C849314, len(data)) + data).decode("ascii")
    try:
        found = Histogram.decode(text)
    except ValueError:
        return
    assert Histogram.decode(found.encode()) == found
    assert (found.quantile(0.5) is None) == (len(found) == 0)


def began_slowly(chance: Random, drift: Callable[[int, int], float] = lambda _block, _place: 1.0) -> int:
    return left_out(warm_ups(blocks(chance, {"x": 0.1, "y": 0.13}, drift=drift)))


def test_a_steady_bench_loses_a_block_in_at_most_1_of_100_runs() -> None:
    chance = Random(21)
    assert sum(began_slowly(chance) > 0 for _ in range(RUNS)) <= 0.01 * RUNS


@pytest.mark.parametrize(
    "drift",
    [
        lambda block, _place: 1 + 0.15 * block / 100,
        lambda block, _place: 1.15 - 0.15 * block / 100,
        lambda block, _place: exp(-block / 100),
        lambda block, _place: 1 + 0.1 * sin(2 * pi * block / 100),
        lambda block, _place: 1 + 0.3 * cos(2 * pi * block / 50),
    ],
    ids=["rise", "fall", "long fall", "wave", "two waves"],
)
def test_a_drift_is_seldom_taken_for_a_warm_up(drift: Callable[[int, int], float]) -> None:
    chance = Random(22)
    cut = [began_slowly(chance, drift) for _ in range(RUNS // 2)]
    assert sum(each > 0 for each in cut) <= 0.1 * len(cut)


@pytest.mark.parametrize("length", [8, 16])
def test_a_slow_beginning_is_left_out_and_no_more(length: int) -> None:
    chance = Random(23)
    cuts = [began_slowly(chance, lambda block, _: 4.0 if block < length else 1.0) for _ in range(RUNS // 2)]
    assert sum(abs(cut - length) <= 1 for cut in cuts) >= 0.90 * len(cuts)
    assert max(cuts) <= length + 4
