from __future__ import annotations

import pytest
from msgspec import Struct, field

from modmirror.errors import ConfigError
from modmirror.lab.tables import read_tables


class Part(Struct, forbid_unknown_fields=True):
    size: int
    from_: str = field(default="", name="from")


class Loose(Struct, frozen=True):
    size: int = 0


class Whole(Struct, forbid_unknown_fields=True):
    part: Part | None = None
    parts: tuple[Part, ...] = ()
    named: dict[str, Part] = {}
    listed: list[Part] = []
    loose: Loose = Loose()
    either: str | Part = ""


def refused(text: str) -> tuple[str, str, str]:
    with pytest.raises(ConfigError) as caught:
        read_tables(text, Whole, "CONFIG", "x.toml", hint="look there")
    return caught.value.key, caught.value.reason, caught.value.hint


def test_what_is_right_is_read() -> None:
    text = (
        'either = "a"\nparts = [{size = 2}]\nnamed = {x = {size = 4}}\nloose = {other = 3}\n'
        '[part]\nsize = 1\nfrom = "b"\n'
    )
    assert read_tables(text, Whole, "CONFIG", "x.toml") == Whole(
        Part(1, "b"), (Part(2),), {"x": Part(4)}, [], Loose(), "a"
    )


@pytest.mark.parametrize(
    ("text", "key", "hint"),
    [
        ("prat = 1", "prat", 'did you mean "part"?'),
        ("[part]\nsizq = 1", "part.sizq", 'did you mean "size"?'),
        ("[part]\nform = 1", "part.form", 'did you mean "from"?'),
        ("[part]\nxyzzy = 1", "part.xyzzy", "known: from, size"),
        ("[[parts]]\nsize = 1\n[[parts]]\nsice = 1", "parts[1].sice", 'did you mean "size"?'),
        ("[[listed]]\nsice = 1", "listed[0].sice", 'did you mean "size"?'),
        ("[named.x]\nsice = 1", "named.x.sice", 'did you mean "size"?'),
        ("[either]\nsice = 1", "either.sice", 'did you mean "size"?'),
    ],
)
def test_an_unknown_key_is_named_with_the_nearest_known_one(text: str, key: str, hint: str) -> None:
    assert refused(text) == (key, "there is no such key (x.toml)", hint)


@pytest.mark.parametrize(
    ("text", "key", "reason"),
    [
        ('[part]\nsize = "much"', "part.size", "expected int, got str (x.toml)"),
        ("part = 3", "part", "expected table, got int (x.toml)"),
        ("parts = [{}]", "parts[0]", "the key size is missing (x.toml)"),
    ],
)
def test_a_value_that_does_not_fit_is_told_in_words_of_toml(text: str, key: str, reason: str) -> None:
    assert refused(text) == (key, reason, "look there")


def test_what_is_of_no_key_is_of_the_whole() -> None:
    key, reason, hint = refused("part =")
    assert (key, reason[:8], hint) == ("CONFIG", "x.toml: ", "look there")
    with pytest.raises(ConfigError, match="the key size is missing") as caught:
        read_tables("", Part, "--part", "x.toml")
    assert caught.value.key == "--part"
