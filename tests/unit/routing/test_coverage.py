from __future__ import annotations

import pytest

from modmirror.routing.coverage import HOST_KEPT, IN_A_ROW, KEPT, MOST, Coverage, prefix_of


@pytest.mark.parametrize(
    ("module", "prefix"),
    [
        ("github.com/owner/repo/v2", "github.com/owner/repo"),
        ("github.com/owner/repo/sub/dir", "github.com/owner/repo"),
        ("golang.org/x/text", "golang.org/x/text"),
        ("gopkg.in/yaml.v3", "gopkg.in/yaml.v3"),
    ],
)
def test_a_prefix_stands_for_a_repository(module: str, prefix: str) -> None:
    assert prefix_of(module) == prefix


def test_an_absence_is_remembered_for_that_upstream_and_prefix_only() -> None:
    coverage = Coverage()
    coverage.missed("one", "github.com/owner/repo", 0.0)
    assert coverage.lacks("one", "github.com/owner/repo/v2", 1.0)
    assert not coverage.lacks("two", "github.com/owner/repo", 1.0)
    assert not coverage.lacks("one", "github.com/owner/other", 1.0)
    assert (coverage.count("one", 1.0), coverage.count("two", 1.0)) == (1, 0)


def test_it_is_forgotten_after_a_while_or_when_the_module_turns_up() -> None:
    coverage = Coverage()
    coverage.missed("one", "example.com/a", 0.0)
    assert not coverage.lacks("one", "example.com/a", KEPT)
    coverage.missed("one", "example.com/a", 0.0)
    coverage.found("one", "example.com/a")
    assert not coverage.lacks("one", "example.com/a", 1.0)


def test_the_oldest_go_when_there_are_too_many() -> None:
    coverage = Coverage()
    for number in range(MOST + 1):
        coverage.missed("one", f"h{number}.example/m", 0.0)
    assert coverage.count("one", 1.0) == MOST
    assert not coverage.lacks("one", "h0.example/m", 1.0)


def lacking(number: int, host: str = "example.com") -> Coverage:
    coverage = Coverage()
    for each in range(number):
        coverage.missed("one", f"{host}/m{each}", 0.0)
    return coverage


def test_many_absences_in_a_row_are_held_for_the_whole_host_and_no_other() -> None:
    assert not lacking(IN_A_ROW - 1).lacks("one", "example.com/new", 1.0)
    coverage = lacking(IN_A_ROW)
    assert coverage.lacks("one", "example.com/new", 1.0)
    assert not coverage.lacks("one", "example.org/new", 1.0)
    assert not coverage.lacks("two", "example.com/new", 1.0)


def test_a_host_is_tried_again_after_a_minute_and_one_absence_is_then_enough() -> None:
    coverage = lacking(IN_A_ROW)
    assert not coverage.lacks("one", "example.com/new", HOST_KEPT)
    coverage.missed("one", "example.com/new", HOST_KEPT)
    assert coverage.lacks("one", "example.com/other", HOST_KEPT + 1)


def test_one_module_of_the_host_that_is_there_after_all_ends_it() -> None:
    coverage = lacking(IN_A_ROW)
    coverage.found("one", "example.com/there")
    assert not coverage.lacks("one", "example.com/new", 1.0)
    assert coverage.lacks("one", "example.com/m0", 1.0), "what was missed stays missed"


def test_one_repository_that_is_missed_often_says_nothing_of_its_host() -> None:
    coverage = Coverage()
    for _ in range(9 * IN_A_ROW):
        coverage.missed("one", "example.com/a/b", 0.0)
    assert not coverage.lacks("one", "example.com/new", 1.0)
