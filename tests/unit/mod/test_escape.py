from __future__ import annotations

import pytest

from modmirror.errors import InvalidTarget
from modmirror.mod.escape import escape_path, escape_version, unescape_path, unescape_version
from modmirror.mod.path import check_path


@pytest.mark.parametrize(
    ("path", "escaped"),
    [
        ("x.y/z", "x.y/z"),
        ("github.com/Azure/azure-sdk", "github.com/!azure/azure-sdk"),
        ("x.y/ABC/~d", "x.y/!a!b!c/~d"),
    ],
)
def test_a_capital_in_a_path_becomes_bang_and_lower_case(path: str, escaped: str) -> None:
    assert escape_path(check_path(path)) == escaped
    assert unescape_path(escaped) == path


@pytest.mark.parametrize(
    ("version", "escaped"),
    [
        ("v1.0.0", "v1.0.0"),
        ("v1.0.0-RC1", "v1.0.0-!r!c1"),
        ("v2.0.0+incompatible", "v2.0.0+incompatible"),
        ("HEAD", "!h!e!a!d"),
        ("a branch", "a branch"),
        ("v1%21", "v1%21"),
    ],
)
def test_a_capital_in_a_version_becomes_bang_and_lower_case(version: str, escaped: str) -> None:
    assert escape_version(version) == escaped
    assert unescape_version(escaped) == version


@pytest.mark.matrix("T2")
def test_a_raw_capital_in_an_escaped_path_is_refused() -> None:
    with pytest.raises(InvalidTarget, match="escaping"):
        unescape_path("github.com/Azure/x")


@pytest.mark.matrix("T4")
def test_a_raw_capital_in_an_escaped_version_is_refused() -> None:
    with pytest.raises(InvalidTarget, match="escaping"):
        unescape_version("v1.0.0-RC1")


@pytest.mark.matrix("T6")
@pytest.mark.parametrize("escaped", ["!!a", "a!!b", "a!1", "main!", "!", "!Main", "a!\u0131", "!\n"])
def test_a_bang_must_stand_before_a_lower_case_letter(escaped: str) -> None:
    with pytest.raises(InvalidTarget, match="escaping"):
        unescape_version(escaped)
    with pytest.raises(InvalidTarget, match="escaping"):
        unescape_path("x.y/" + escaped)


@pytest.mark.parametrize("escaped", ["é", "x.y/é", "\u0130", "\u212a"])
def test_nothing_but_ascii_can_be_escaped(escaped: str) -> None:
    with pytest.raises(InvalidTarget):
        unescape_version(escaped)
    with pytest.raises(InvalidTarget):
        unescape_path(escaped)


@pytest.mark.parametrize("path", ["", "x.y/!con", "localhost/x", "!x.y/z"])
def test_an_escaped_path_must_hold_a_module_path(path: str) -> None:
    with pytest.raises(InvalidTarget, match="module path"):
        unescape_path(path)


@pytest.mark.parametrize(
    "version",
    ["", "-x", "rel/v1.0.0", "a:b", "..", "v1.", "con", "aux.1", "a*b", "a\\b", "a!b", "é", "a\x00"],
)
def test_a_version_that_no_proxy_can_be_asked_for_is_refused(version: str) -> None:
    with pytest.raises(InvalidTarget, match="disallowed version string"):
        escape_version(version)


@pytest.mark.matrix("T24")
@pytest.mark.parametrize("escaped", ["-x", "/x", "a:b", "--upload-pack=x"])
def test_a_version_that_reads_like_an_option_or_a_path_is_refused(escaped: str) -> None:
    with pytest.raises(InvalidTarget, match="disallowed version string"):
        unescape_version(escaped)
