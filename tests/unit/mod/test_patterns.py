from __future__ import annotations

import pytest

from modmirror.mod.patterns import glob_problem, match_glob, match_prefix_patterns


@pytest.mark.parametrize(
    ("pattern", "path", "matches"),
    [
        ("*.corp.com", "git.corp.com/x", True),
        ("*.corp.com", "corp.com/x", False),
        ("*.corp.com", "a.b.corp.com", True),
        ("corp.com/a", "corp.com/a", True),
        ("corp.com/a", "corp.com/a/b", True),
        ("corp.com/a", "corp.com/ab", False),
        ("corp.com/a/", "corp.com/a/b", True),
        ("corp.com/*/b", "corp.com/x/b/c", True),
        ("corp.com/*/b", "corp.com/x/y/b", False),
        ("corp.com/a/b", "corp.com/a", False),
        ("corp.com", "corp.com", True),
        ("*", "anything.example/at/all", True),
        ("", "corp.com", False),
        ("/", "corp.com", False),
        (" corp.com", "corp.com", False),
        ("corp.com ", "corp.com", False),
        ("[", "[", False),
    ],
)
def test_a_pattern_is_compared_with_as_many_leading_elements_as_it_has(
    pattern: str, path: str, *, matches: bool
) -> None:
    assert match_prefix_patterns([pattern], path) is matches


def test_one_matching_pattern_is_enough_and_a_bad_one_does_no_harm() -> None:
    assert match_prefix_patterns(["[", "x.y", "corp.com"], "corp.com/a")
    assert not match_prefix_patterns([], "corp.com/a")


@pytest.mark.parametrize(
    ("glob", "name", "matches"),
    [
        ("abc", "abc", True),
        ("abc", "abcd", False),
        ("*", "abc", True),
        ("*", "a/b", False),
        ("*c", "abc", True),
        ("a*", "abc", True),
        ("a*/b", "abc/b", True),
        ("a*/b", "a/c/b", False),
        ("a*b*c", "aXbYc", True),
        ("a*b?c*x", "abxbbxdbxebxczzx", True),
        ("a*b?c*x", "abxbbxdbxebxczzy", False),
        ("ab[c]", "abc", True),
        ("ab[b-d]", "abc", True),
        ("ab[e-g]", "abc", False),
        ("ab[^c]", "abc", False),
        ("ab[^e-g]", "abc", True),
        ("a\\*b", "a*b", True),
        ("a\\*b", "axb", False),
        ("a?b", "a\u263ab", True),
        ("a???b", "a\u263ab", False),
        ("a?b", "a/b", False),
        ("[a-\u03b6]*", "\u03b1", True),
        ("[\\]a]", "]", True),
        ("[\\-]", "-", True),
        ("[x\\-]", "-", True),
        ("[[]x", "[x", True),
        ("[a*]b", "*b", True),
        ("*x", "xxx", True),
        ("**b", "ab", True),
        ("a.c", "abc", False),
        ("[c-a]", "b", False),
        ("[^c-a]", "b", True),
        ("v1.2.*", "v1.2.3-rc.1+incompatible", True),
        ("a]", "a]", True),
        ("", "", True),
    ],
)
def test_globs_match_as_in_go(glob: str, name: str, *, matches: bool) -> None:
    assert glob_problem(glob) == ""
    assert match_glob(glob, name) is matches


@pytest.mark.parametrize(
    "glob", ["[", "[^", "[]", "[]a]", "[a", "[-]", "[x-]", "[-x]", "[a-b-c]", "[a-", "a\\", "[\\", "*["]
)
def test_a_malformed_glob_is_named_and_matches_nothing(glob: str) -> None:
    assert "not a valid pattern" in glob_problem(glob)
    assert not match_glob(glob, glob)


def test_many_stars_do_not_make_matching_slow() -> None:
    # Plain backtracking would need some 10 ** 30 steps.
    assert not match_glob("*a" * 16 + "b", "a" * 2000)
