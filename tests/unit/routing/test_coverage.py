from __future__ import annotations

import pytest

from modmirror.routing.coverage import KEPT, MOST, Coverage, prefix_of


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
        coverage.missed("one", f"example.com/{number}", 0.0)
    assert coverage.count("one", 1.0) == MOST
    assert not coverage.lacks("one", "example.com/0", 1.0)
