from __future__ import annotations

from typing import Any, Literal

import pytest

from modmirror.settings.convert import convert, describe, show

TEXTS = tuple[str, ...]


@pytest.mark.parametrize(
    ("value", "hint", "result"),
    [
        (7, int, 7),
        (7, float, 7.0),
        (True, bool, True),
        ("a", str, "a"),
        (["a", "b"], TEXTS, ("a", "b")),
        ("any", Literal["any", "not-found"], "any"),
        ("a,b", TEXTS | str, "a,b"),
        (["a"], TEXTS | str, ("a",)),
    ],
)
def test_a_fitting_value_becomes_the_type(value: object, hint: Any, result: object) -> None:
    assert convert(value, hint, text=False) == result


@pytest.mark.parametrize(
    ("value", "hint", "result"),
    [
        ("7", int, 7),
        ("7.5", float, 7.5),
        ("true", bool, True),
        ("", TEXTS, ()),
        ("a, b,", TEXTS, ("a", "b")),
        ("a,b", TEXTS | str, "a,b"),
    ],
)
def test_text_from_a_variable_is_parsed(value: str, hint: Any, result: object) -> None:
    assert convert(value, hint, text=True) == result


@pytest.mark.parametrize(
    ("value", "hint", "message"),
    [
        ("7", int, 'expected a whole number, got "7"'),
        (True, int, "expected a whole number, got true"),
        (1.5, int, "expected a whole number, got 1.5"),
        ("a", TEXTS, 'expected a list of texts, got "a"'),
        ([1], TEXTS, "expected a list of texts, got [1]"),
        ({}, str, "expected a text, got a table"),
        ("x", Literal["a", "b"], 'expected one of "a", "b", got "x"'),
        (1, TEXTS | str, "expected a list of texts or a text, got 1"),
        ("yes", bool, 'expected true or false, got "yes"'),
    ],
)
def test_a_value_that_does_not_fit_is_explained(value: object, hint: Any, message: str) -> None:
    with pytest.raises(ValueError, match=r"^expected") as caught:
        convert(value, hint, text=False)
    assert str(caught.value) == message


def test_a_variable_that_is_no_number_is_explained() -> None:
    with pytest.raises(ValueError, match=r'^expected a number, got "soon"$'):
        convert("soon", float, text=True)


def test_values_are_shown_as_toml_spells_them() -> None:
    assert show(("a", 'q"')) == '["a", "q\\""]'
    assert show(2.0) == "2.0"
    assert show("https://u:p@h") == '"https://***@h"'
    assert show(1 + 2j) == "(1+2j)"


def test_an_unforeseen_type_is_still_named() -> None:
    assert describe(complex) == str(complex)
