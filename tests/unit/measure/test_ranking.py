from __future__ import annotations

import pytest

from modmirror.measure.ranking import Standing, standings, winner


def test_one_that_always_comes_first_wins() -> None:
    ranked = standings({"x": 0.5, "y": 0.9}, [{"x": 0.5, "y": 0.9}] * 100)
    assert ranked == (Standing("y", 1, "a", (1.0, 0.0)), Standing("x", 2, "b", (0.0, 1.0)))
    assert winner(ranked) == "y"


def test_equal_scores_are_tied_and_nobody_wins() -> None:
    ranked = standings({"x": 0.5, "y": 0.5 + 1e-12}, [{"x": 0.5, "y": 0.5 + 1e-12}] * 10)
    assert [(each.rank, each.group, each.chance) for each in ranked] == [(1, "a", (0.5, 0.5))] * 2
    assert winner(ranked) is None


@pytest.mark.parametrize(("first", "tied", "won"), [(89, True, None), (96, True, None), (98, False, "x")])
def test_a_winner_is_tied_with_nobody(first: int, tied: bool, won: str | None) -> None:
    draws = [{"x": 1.0, "y": 0.5}] * first + [{"x": 0.5, "y": 1.0}] * (100 - first)
    ranked = standings({"x": 0.9, "y": 0.8}, draws)
    assert ranked[0].chance == pytest.approx((first / 100, 1 - first / 100))
    assert (ranked[1].group == "a") == (ranked[1].rank == 1) == tied
    assert winner(ranked) == won


def test_the_middle_of_three_is_tied_with_both_ends() -> None:
    draws = [
        {"x": 3.0, "y": 2.0, "z": 1.0},
        {"x": 2.0, "y": 3.0, "z": 1.0},
        {"x": 3.0, "y": 1.0, "z": 2.0},
    ]
    ranked = standings(draws[0], draws)
    assert [(each.name, each.rank, each.group) for each in ranked] == [
        ("x", 1, "a"),
        ("y", 1, "ab"),
        ("z", 2, "b"),
    ]
    assert [sum(each.chance) for each in ranked] == pytest.approx([1, 1, 1])


def test_a_winner_comes_first_in_nine_of_ten_whoever_comes_second() -> None:
    others = [f"o{number}" for number in range(6)]
    # Each of the others is ahead in 2 of 100 draws, so none is tied with the first; together in 12.
    draws = [
        {"x": 1.0, **{name: 2.0 if draw // 2 == place else 0.5 for place, name in enumerate(others)}}
        for draw in range(100)
    ]
    ranked = standings({"x": 1.0, **dict.fromkeys(others, 0.5)}, draws)
    assert [each.rank for each in ranked][:2] == [1, 2]
    assert ranked[0].chance[0] == pytest.approx(0.88)
    assert winner(ranked) is None


def test_nobody_ranks_nobody_and_one_alone_is_first() -> None:
    assert standings({}, [{}]) == ()
    assert winner(()) is None
    assert standings({"x": 0.1}, [{"x": 0.1}]) == (Standing("x", 1, "a", (1.0,)),)
