from __future__ import annotations

from functools import total_ordering
from typing import NamedTuple

from hypothesis import given

from modmirror.mod import semver
from tests.property.strategies import near_names, versions


@total_ordering
class Part:
    """One identifier of a prerelease, compared as semver.org item 11 says, with int()."""

    def __init__(self, text: str) -> None:
        self.text = text

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Part) and self.text == other.text

    def __hash__(self) -> int:
        return hash(self.text)

    def __lt__(self, other: Part) -> bool:
        if self.text.isdigit() and other.text.isdigit():
            return int(self.text) < int(other.text)
        if self.text.isdigit() != other.text.isdigit():
            return self.text.isdigit()
        return self.text < other.text


class Model(NamedTuple):
    numbers: list[int]
    release: bool
    parts: list[Part]


def model(version: str) -> Model:
    core, _, pre = semver.canonical(version).partition("-")
    parts = [Part(text) for text in pre.split(".")] if pre else []
    return Model([int(number) for number in core.removeprefix("v").split(".")], not parts, parts)


@given(versions, versions)
def test_precedence_is_that_of_the_specification(left: str, right: str) -> None:
    a, b = model(left), model(right)
    assert semver.compare(left, right) == (a > b) - (a < b)


@given(near_names, near_names)
def test_swapping_the_sides_turns_the_sign(left: str, right: str) -> None:
    assert semver.compare(left, right) == -semver.compare(right, left)


@given(near_names, near_names, near_names)
def test_the_order_is_transitive(one: str, two: str, three: str) -> None:
    low, middle, high = sorted([one, two, three], key=semver.sort_key)
    assert semver.compare(low, middle) <= 0
    assert semver.compare(middle, high) <= 0
    assert semver.compare(low, high) <= 0


@given(versions)
def test_a_canonical_version_is_its_own_canonical_form_and_compares_equal(version: str) -> None:
    canonical = semver.canonical(version)
    assert semver.canonical(canonical) == canonical
    assert semver.compare(version, canonical) == 0


@given(near_names)
def test_the_parts_add_up_to_the_version(text: str) -> None:
    if not semver.is_valid(text):
        assert semver.canonical(text) == ""
        return
    core = semver.canonical(text).removesuffix(semver.prerelease(text))
    if text.count(".") >= 2 and not semver.build(text) and not semver.prerelease(text):
        assert core == text
    assert core.startswith(semver.major_minor(text) + ".")
    assert semver.major_minor(text).startswith(semver.major(text) + ".")
    assert text.endswith(semver.prerelease(text) + semver.build(text))
