from __future__ import annotations

import pytest

from modmirror.mod import collisions
from modmirror.mod.collisions import Collisions, fold


def problems(*paths: str) -> list[str]:
    """What is said of each path; one that ends in a slash is a directory."""
    told = Collisions()
    return [told.problem(path.removesuffix("/"), is_directory=path.endswith("/")) for path in paths]


def test_files_and_their_directories_may_be_together() -> None:
    assert set(problems("a/", "a/b/", "a/b/c.go", "a/d.go", "a/", "x", "b/a", "c/A")) == {""}


@pytest.mark.parametrize(
    ("first", "second", "problem"),
    [
        ("README", "readme", '"README" and "readme" differ only in case'),
        ("a/B/x", "a/b/y", '"B" and "b" differ only in case'),
        ("A/x", "a", '"A" and "a" differ only in case'),
        ("a", "a", "comes twice"),
        ("a", "a/b", '"a" is both a file and a directory'),
        ("a/b", "a", '"a" is both a file and a directory'),
    ],
)
def test_second_of_two_paths_is_the_one_at_fault(first: str, second: str, problem: str) -> None:
    assert problems(first, second) == ["", problem]


def test_refused_path_does_not_hide_the_next_problem() -> None:
    assert problems("a", "A", "a") == ["", '"a" and "A" differ only in case', "comes twice"]


def test_number_of_files_and_directories_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(collisions, "MAX_PLACES", 3)
    assert problems("a/b/c", "a/b/", "a/d") == ["", "", "more than 3 files and directories"]


@pytest.mark.parametrize(
    ("one", "other"),
    [("K", "\u212a"), ("s", "\u017f"), ("\u03c3", "\u03c2"), ("\u00df", "\u1e9e"), ("\ufb05", "\ufb06")],
)
def test_letters_that_differ_only_in_case_fold_to_the_same(one: str, other: str) -> None:
    assert fold(f"a{one}Z") == fold(f"A{other}z")


@pytest.mark.parametrize(
    ("one", "other"), [("\u00df", "ss"), ("\ufb05", "st"), ("\u0130", "i"), ("e\u0301", "\u00e9")]
)
def test_folding_does_not_equate_one_letter_with_several(one: str, other: str) -> None:
    assert fold(one) != fold(other)
