from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from modmirror.mod.patterns import glob_problem, match_glob, match_prefix_patterns

names = st.text("ab/-]\n", max_size=8)
tokens = st.sampled_from(["a", "b", "/", "*", "?", "[ab]", "[^a]", "[^/]", "[b-a]", "\\*", "\\a", "-", "]"])
globs = st.lists(tokens, max_size=8)


def fits(token: str, character: str) -> bool:
    match token:
        case "?":
            return character != "/"
        case "[b-a]":
            return False
        case "\\*" | "\\a":
            return character == token[1]
        case "[ab]":
            return character in "ab"
        case "[^a]" | "[^/]":
            return character != token[2]
        case _:
            return character == token


def model(glob: list[str], name: str) -> bool:
    """Try every way a star can stretch."""
    if not glob:
        return not name
    if glob[0] == "*":
        return model(glob[1:], name) or (name[:1] not in {"", "/"} and model(glob, name[1:]))
    return bool(name) and fits(glob[0], name[0]) and model(glob[1:], name[1:])


@given(globs, names)
def test_a_glob_matches_when_some_stretch_of_its_stars_does(glob: list[str], name: str) -> None:
    assert match_glob("".join(glob), name) is model(glob, name)


@given(st.text("ab/*?[]^-\\", max_size=10), names)
def test_any_text_is_a_glob_or_is_named_malformed(glob: str, name: str) -> None:
    if glob_problem(glob):
        assert not match_glob(glob, name)


@given(globs, names)
def test_a_pattern_matches_some_leading_elements_or_nothing(glob: list[str], name: str) -> None:
    pattern = "".join(glob)
    elements = name.split("/")
    leading = ["/".join(elements[: n + 1]) for n in range(len(elements))]
    if match_prefix_patterns([pattern], name):
        assert any(match_glob(pattern.removesuffix("/"), prefix) for prefix in leading)
