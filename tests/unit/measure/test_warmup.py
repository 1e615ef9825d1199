from __future__ import annotations

from random import Random

import pytest

from modmirror.measure.warmup import STEADY, warm_from


def noisy(chance: Random, level: float, count: int) -> list[float]:
    return [level * chance.lognormvariate(0, 0.2) for _ in range(count)]


@pytest.mark.parametrize("seed", range(5))
def test_slow_first_values_are_cut(seed: int) -> None:
    chance = Random(seed)
    cut = warm_from(noisy(chance, 2.0, 15) + noisy(chance, 1.0, 85))
    assert 13 <= cut <= 17


def test_a_steady_series_is_left_whole_in_nearly_every_run() -> None:
    chance = Random(1)
    assert sum(warm_from(noisy(chance, 1.0, 100)) > 0 for _ in range(200)) <= 4


def test_a_change_in_the_second_half_is_no_warm_up() -> None:
    chance = Random(1)
    assert warm_from(noisy(chance, 2.0, 60) + noisy(chance, 1.0, 40)) == 0


def test_a_change_too_small_to_feel_is_no_warm_up() -> None:
    assert warm_from([1.01] * 20 + [1.0] * 80) == 0
    assert warm_from([1.03] * 20 + [1.0] * 80) == 20


def test_too_few_values_after_the_change_are_no_steady_state() -> None:
    assert warm_from([2.0] * (STEADY - 1) + [1.0] * (STEADY - 1)) == 0
    assert warm_from([]) == warm_from([1.0]) == 0
