from __future__ import annotations

from modmirror.lab.cache.coalescing import by_count, by_ends, by_words


def test_requests_upstream_are_held_against_those_of_one_alone() -> None:
    assert by_count([2, 2, 3], [2, 2, 2]) == 1.0
    assert by_count([40], [2]) == 20.0


def test_without_a_count_nothing_is_said() -> None:
    assert by_count([], [2]) is None
    assert by_count([3], []) is None
    assert by_count([3], [0]) is None


def test_answers_that_were_fetched_are_counted_where_every_answer_says_so() -> None:
    assert by_words([["miss", "coalesced", "hit"], ["miss", "miss", "hit"], ["miss", "hit", "hit"]]) == 1
    assert by_words([["miss", ""]]) is None
    assert by_words([]) is None


def test_answers_that_end_together_are_taken_for_one_fetch() -> None:
    assert by_ends([[1.0, 1.01, 1.02]], 0.2) == 1
    assert by_ends([[1.0, 1.2, 1.4, 1.41]], 0.2) == 3
    assert by_ends([[1.0, 1.004]], 0.0001) == 1
    assert by_ends([[1.0]], None) is None
    assert by_ends([], 0.2) is None
