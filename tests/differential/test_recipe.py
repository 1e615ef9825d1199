"""Recipes: what they build, and how failing ones become short."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.differential.case import Case
from tests.differential.chance import random_recipe
from tests.differential.recipe import (
    REPOSITORY,
    Commit,
    Remove,
    Rewind,
    Switch,
    Tag,
    Write,
    build,
    shortened,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tests.differential.recipe import Recipe

GO_MOD = Write("go.mod", f"module {REPOSITORY}\n".encode())


def test_one_seed_is_one_repository_and_one_set_of_questions() -> None:
    one, two = (Case(7, random_recipe(7), "u/c7") for _ in range(2))
    assert (one.recipe, one.names, one.pseudo) == (two.recipe, two.names, two.pseudo)
    assert random_recipe(8) != one.recipe


def test_files_know_the_repository_that_they_are_in() -> None:
    history = build((GO_MOD, Commit(1)), "u/any")
    assert history.tip.tree["go.mod"].data == b"module github.com/u/any\n"


def test_steps_that_cannot_be_taken_are_left_out() -> None:
    history = build((Tag("v1.0.0"), Switch("dev"), Rewind(), Remove("x"), GO_MOD, Commit(1)), "u/any")
    assert (list(history.branches), history.tags) == (["main"], {})


def test_a_file_takes_the_place_of_a_directory_and_the_other_way_round() -> None:
    history = build((Write("d/f", b""), Write("d", b""), Write("d/g/h", b"")), "u/any")
    assert list(history.tree) == ["d/g/h"]


def test_a_failing_recipe_becomes_as_short_as_it_can_be() -> None:
    needed = {Commit(3), Tag("v1.0.0")}

    def first_failing(recipes: Sequence[Recipe]) -> Recipe | None:
        return next((recipe for recipe in recipes if needed <= set(recipe)), None)

    recipe = (
        GO_MOD,
        Commit(1),
        Commit(2),
        Commit(3),
        Rewind(),
        Tag("v1.0.0"),
        Tag("v2.0.0"),
        Switch("dev"),
    )
    assert shortened(recipe, first_failing) == (Commit(3), Tag("v1.0.0"))
