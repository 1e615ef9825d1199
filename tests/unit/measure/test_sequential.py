from __future__ import annotations

from math import log
from random import Random

import pytest

from modmirror.measure.quantiles import Interval
from modmirror.measure.sequential import BAND, LOG_BAND, alpha_at, judge, looks, settled


def ratios(chance: Random, ratio: float, blocks: int, spread: float = 0.2) -> list[float]:
    return [log(ratio) + chance.gauss(0, spread) for _ in range(blocks)]


def test_one_looks_after_a_quarter_half_and_all() -> None:
    assert looks(100) == (25, 50, 100)
    assert looks(1) == (1,)


def test_all_looks_together_spend_five_percent() -> None:
    assert sum(alpha_at(look, 100) for look in looks(100)) == pytest.approx(0.05)
    assert sum(alpha_at(look, 7) for look in looks(7)) == pytest.approx(0.05)


def test_the_first_look_spends_next_to_nothing_and_the_last_almost_everything() -> None:
    assert alpha_at(25, 100) == pytest.approx(8.86e-5, rel=0.01)
    assert alpha_at(50, 100) == pytest.approx(0.0055, rel=0.02)
    assert alpha_at(100, 100) == pytest.approx(0.0444, rel=0.01)


def test_between_two_looks_the_part_of_the_next_is_allowed() -> None:
    assert alpha_at(30, 100) == alpha_at(50, 100)
    assert alpha_at(120, 100) == alpha_at(100, 100)


def test_the_band_in_logarithms_is_the_band() -> None:
    assert tuple(map(log, BAND)) == pytest.approx(LOG_BAND)


@pytest.mark.parametrize(
    ("low", "high", "judgement"),
    [
        (0.1, 0.4, "different"),
        (-0.4, -0.1, "different"),
        (-0.04, 0.04, "equal"),
        (0.01, 0.03, "equal"),
        (-0.04, 0.06, "open"),
        (0.0, 0.2, "open"),
    ],
)
def test_an_interval_that_leaves_out_one_differs_and_one_within_the_band_is_equal(
    low: float, high: float, judgement: str
) -> None:
    assert judge(Interval((low + high) / 2, low, high, 50)) == judgement


def test_too_few_pairs_decide_nothing() -> None:
    assert judge(None) == "open"


def test_clear_differences_end_at_the_first_look() -> None:
    assert settled([ratios(Random(1), 2.0, 25)], 25, 100)
    assert not settled([ratios(Random(1), 1.05, 25)], 25, 100)


def test_clear_equality_ends_it_too() -> None:
    assert settled([ratios(Random(1), 1.0, 50, spread=0.03)], 50, 100)


def test_one_open_pair_keeps_it_going() -> None:
    chance = Random(1)
    assert not settled([ratios(chance, 2.0, 25), ratios(chance, 1.05, 25)], 25, 100)


def test_nobody_looks_between_the_looks() -> None:
    assert not settled([ratios(Random(1), 2.0, 26)], 26, 100)
    assert not settled([], 25, 100)


def test_a_block_that_lacks_one_target_is_a_block_all_the_same() -> None:
    assert settled([ratios(Random(1), 2.0, 23)], 25, 100)
