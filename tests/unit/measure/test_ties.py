from __future__ import annotations

from itertools import combinations

import pytest

from modmirror.measure.ties import holm, letters


def ties(*pairs: str) -> set[frozenset[str]]:
    return {frozenset(pair) for pair in pairs}


def test_the_smallest_p_is_corrected_most() -> None:
    assert holm([0.01, 0.04, 0.03]) == pytest.approx([0.03, 0.06, 0.06])
    assert holm([0.5, 0.9]) == [1.0, 1.0]
    assert holm([]) == []


def test_a_correction_never_changes_the_order() -> None:
    assert holm([0.02, 0.021, 0.5]) == pytest.approx([0.06, 0.06, 0.5])


def test_all_different_have_a_letter_each_from_the_best() -> None:
    assert letters("xyz", ties()) == {"x": "a", "y": "b", "z": "c"}


def test_all_tied_share_one_letter() -> None:
    assert letters("xyz", ties("xy", "yz", "xz")) == {"x": "a", "y": "a", "z": "a"}


def test_one_between_two_that_differ_has_both_letters() -> None:
    assert letters("xyz", ties("xy", "yz")) == {"x": "a", "y": "ab", "z": "b"}


@pytest.mark.parametrize("seed", range(64))
def test_two_share_a_letter_exactly_when_they_are_tied(seed: int) -> None:
    pairs = [frozenset(pair) for pair in combinations("wxyz", 2)]
    tied = {pair for bit, pair in enumerate(pairs) if seed >> bit & 1}
    found = letters("wxyz", tied)
    assert all(found.values())
    assert {pair for pair in pairs if set.intersection(*(set(found[name]) for name in pair))} == tied


def test_there_is_a_letter_for_everybody() -> None:
    names = [f"m{number}" for number in range(30)]
    found = letters(names, ties())
    assert (found["m25"], found["m26"], found["m29"]) == ("z", "a1", "d1")
    assert letters([], ties()) == {}
