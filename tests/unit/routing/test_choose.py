from __future__ import annotations

from modmirror.routing.choose import Choice


def settled(**scores: float | None) -> Choice:
    choice = Choice()
    assert choice.look(scores)
    return choice


def test_without_scores_the_first_declared_is_chosen() -> None:
    choice = settled(one=None, two=None)
    assert (choice.current, choice.why) == ("one", "the first one declared")


def test_an_unknown_first_one_is_not_passed_over_for_a_known_one() -> None:
    assert settled(one=None, two=0.1).current == "one"


def test_with_saved_scores_the_best_is_chosen_at_once() -> None:
    assert settled(one=0.3, two=0.1).current == "two"


def test_a_rival_must_look_clearly_better_three_times_in_a_row() -> None:
    choice = settled(one=0.1, two=None)
    better: dict[str, float | None] = {"one": 0.13, "two": 0.1}
    assert [choice.look(better) for _ in range(3)] == [False, False, True]
    assert choice.current == "two"
    assert choice.why == "100 ms against 130 ms of one"


def test_a_look_that_disagrees_starts_the_count_again() -> None:
    choice = settled(one=0.1)
    better: dict[str, float | None] = {"one": 0.13, "two": 0.1}
    for _ in range(5):
        assert not choice.look(better)
        assert not choice.look(better)
        assert not choice.look({"one": 0.12, "two": 0.1})
    assert choice.current == "one"


def test_another_rival_starts_the_count_again() -> None:
    choice = settled(one=0.5)
    assert not choice.look({"one": 0.5, "two": 0.1, "three": 0.2})
    assert not choice.look({"one": 0.5, "two": 0.1, "three": 0.2})
    assert not choice.look({"one": 0.5, "two": 0.1, "three": 0.05})
    assert choice.current == "one"


def test_one_that_cannot_be_asked_is_left_at_once_for_the_best() -> None:
    choice = settled(one=0.1)
    assert choice.look({"two": None, "three": 0.4, "four": 0.3})
    assert (choice.current, choice.why) == ("four", "one cannot be asked")
    assert choice.look({"two": None, "five": None})
    assert choice.current == "two"


def test_when_nobody_can_be_asked_nobody_is_chosen() -> None:
    choice = settled(one=0.1)
    assert not choice.look({})
    assert choice.current is None
    assert not choice.look({})
