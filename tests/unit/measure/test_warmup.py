from __future__ import annotations

from math import log
from random import Random

import pytest

from modmirror.measure.warmup import STEADY, WarmUp, room_for, warm_up


def noisy(chance: Random, level: float, count: int) -> list[float]:
    return [log(level) + chance.gauss(0, 0.15) for _ in range(count)]


def series(values: list[float]) -> list[dict[int, float]]:
    return [dict(enumerate(values))]


def cut(values: list[float]) -> int:
    found = warm_up(series(values))
    return found.count if found else 0


@pytest.mark.parametrize("length", [5, 10, 15, 20])
@pytest.mark.parametrize("seed", range(3))
def test_a_slow_beginning_is_found_with_its_length_and_height(seed: int, length: int) -> None:
    chance = Random(seed)
    found = warm_up(series(noisy(chance, 2.0, length) + noisy(chance, 1.0, 100 - length)))
    assert found is not None
    assert abs(found.count - length) <= 1
    assert 1.7 < found.ratio < 2.3
    assert found.p < 0.01


def test_a_fast_beginning_is_no_warm_up() -> None:
    chance = Random(1)
    assert cut(noisy(chance, 0.5, 10) + noisy(chance, 1.0, 90)) == 0


def test_a_change_after_a_quarter_is_no_warm_up() -> None:
    chance = Random(1)
    assert cut(noisy(chance, 2.0, 40) + noisy(chance, 1.0, 60)) == 0


def test_a_slow_stretch_that_comes_again_is_no_warm_up() -> None:
    chance = Random(1)
    once = noisy(chance, 2.0, 10) + noisy(chance, 1.0, 40)
    assert cut([*once, *noisy(chance, 1.0, 50)]) == 10
    assert cut([*once, *noisy(chance, 2.0, 5), *noisy(chance, 1.0, 45)]) == 10
    assert cut([*once, *noisy(chance, 2.0, 10), *noisy(chance, 1.0, 40)]) == 0


def test_one_slow_value_is_no_warm_up() -> None:
    chance = Random(1)
    assert cut(noisy(chance, 30.0, 1) + noisy(chance, 1.0, 99)) == 0


def test_a_change_too_small_to_feel_is_no_warm_up() -> None:
    assert cut([log(1.01)] * 20 + [0.0] * 80) == 0
    assert cut([log(1.03)] * 20 + [0.0] * 80) == 20


def test_too_few_values_after_the_change_are_no_steady_state() -> None:
    assert cut([1.0] * 5 + [0.0] * (STEADY - 1)) == 0
    assert cut([1.0] * 5 + [0.0] * STEADY) == 5


@pytest.mark.parametrize("values", [[], [1.0], [1.0] * 100])
def test_what_does_not_move_has_no_warm_up(values: list[float]) -> None:
    assert warm_up(series(values)) is None
    assert warm_up([]) is None


def test_a_smaller_share_of_errors_asks_for_more() -> None:
    chance = Random(1)
    values = noisy(chance, 2.0, 3) + noisy(chance, 1.0, 40)
    found = warm_up(series(values))
    assert found is not None
    assert warm_up(series(values), found.p) is None
    assert warm_up(series(values), found.p * 1.01) == WarmUp(3, found.ratio, found.p)


def test_there_is_room_for_a_quarter_and_for_what_must_remain() -> None:
    assert [room_for(n) for n in (0, 20, 21, 22, 24, 28, 100, 402)] == [0, 0, 0, 2, 4, 7, 25, 100]


def test_several_cases_tell_more_than_one() -> None:
    chance = Random(4)
    cases = [
        dict(
            enumerate(
                [log(1.3) + chance.gauss(0, 0.35) for _ in range(12)]
                + [chance.gauss(0, 0.35) for _ in range(88)]
            )
        )
        for _ in range(8)
    ]
    assert sum(warm_up([case]) is not None for case in cases) <= 2
    found = warm_up(cases)
    assert found is not None
    assert abs(found.count - 12) <= 1
    assert 1.1 < found.ratio < 1.6


def test_a_case_that_jumps_between_two_levels_does_not_hide_the_others() -> None:
    chance = Random(5)
    jumping = [dict(enumerate(chance.choice((0.0, 2.6)) for _ in range(100))) for _ in range(2)]
    slow = [dict(enumerate(noisy(chance, 3.0, 10) + noisy(chance, 1.0, 90))) for _ in range(2)]
    found = warm_up([*jumping, *slow])
    assert found is not None
    assert found.count == 10


def test_cases_need_not_have_every_block() -> None:
    chance = Random(6)
    values = noisy(chance, 2.0, 10) + noisy(chance, 1.0, 90)
    even = {block: value for block, value in enumerate(values) if block % 2 == 0}
    rest = {block: value for block, value in enumerate(values) if block % 2 or block % 3 == 0}
    found = warm_up([even, rest])
    assert found is not None
    assert found.count == 10
