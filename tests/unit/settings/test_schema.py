from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from modmirror.settings.schema import meanings, purpose, sections_of


@dataclass(frozen=True)
class One:
    """About one,

    in two paragraphs.
    """

    from_: tuple[str, ...] = ()
    """Where from:
    many."""
    bare: int = 3
    level: Literal["a", "b"] = "a"
    """How much."""


@dataclass(frozen=True)
class Many:
    name: str


@dataclass(frozen=True)
class Whole:
    one: One = field(default_factory=One)
    many: tuple[Many, ...] = ()


def test_sections_and_keys_come_from_the_dataclasses() -> None:
    sections = sections_of(Whole)
    assert list(sections) == ["one", "many"]
    assert list(sections["one"].keys) == ["from", "bare", "level"]
    assert sections["one"].keys["from"].field == "from_"
    assert sections["one"].keys["bare"].default == 3
    assert not sections["one"].repeated
    assert sections["many"].repeated
    assert sections["many"].keys["name"].required
    assert (sections["one"].label(0), sections["many"].label(2)) == ("one", "many[2]")


def test_the_text_below_a_field_is_its_meaning() -> None:
    assert meanings(One) == {"from_": "Where from: many.", "level": "How much."}


def test_the_docstring_of_a_class_is_its_purpose() -> None:
    assert purpose(One) == "About one, in two paragraphs."
