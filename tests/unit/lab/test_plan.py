from __future__ import annotations

from collections import Counter
from random import Random

import pytest

from modmirror.lab.plan import block, spread


def test_a_block_holds_every_target_with_every_case_once() -> None:
    steps = block("abc", ("info", "zip"), Random(1))
    assert sorted(steps) == sorted((target, case) for target in "abc" for case in ("info", "zip"))


def test_the_same_seed_gives_the_same_order_and_another_another() -> None:
    def order(seed: int) -> list[list[tuple[str, str]]]:
        chance = Random(seed)
        return [block("abcd", ("info", "list"), chance) for _ in range(3)]

    assert order(7) == order(7)
    assert order(7) != order(8)


def test_every_target_is_first_about_equally_often() -> None:
    chance = Random(3)
    first = Counter(block("abcd", ("info",), chance)[0][0] for _ in range(2000))
    assert all(400 < first[target] < 600 for target in "abcd")


@pytest.mark.parametrize(
    ("few", "many", "places"),
    [(0, 10, ()), (2, 10, (0, 5)), (3, 10, (0, 3, 6)), (10, 10, tuple(range(10))), (99, 3, (0, 1, 2))],
)
def test_rare_cases_are_spread_evenly(few: int, many: int, places: tuple[int, ...]) -> None:
    assert spread(few, many) == places
