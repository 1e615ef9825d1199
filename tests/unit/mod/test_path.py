from __future__ import annotations

import pytest

from modmirror.errors import InvalidTarget
from modmirror.mod.path import (
    check_path,
    element_problem,
    file_path_problem,
    path_problem,
    split_path_version,
)

VALID = [
    "x.y/z",
    "x.y",
    "github.com/Azure/x",
    "x.y/a_b",
    "x.y/~user/z",
    "xn--bcher-kva.example/a",
    "x.y/v",
    "x.y/v1/sub",
    "x.y/foo.v2",
    "x.y/v2",
    "x.y/v10",
    "x.y/foo~a1",
    "x.y/foo~",
    "x.y/com10",
    "x.y/lpt0.txt",
    "x.y/conx",
    "x.y/a.con",
]

# protocol.md A.3, "accepted oddities": two dots inside, a dash in front of a later element, an address.
ODD_BUT_VALID = ["x.y/a..b", "x.y/-z", "127.0.0.1/a", "x.y/v2/v3", "x.y/com0"]

BAD_HOSTS = [
    "GitHub.com/u/r",
    "localhost/x",
    "x.y:80/a",
    "x_y.z/a",
    ".x.y/z",
    "x.y./z",
    "-x.y/z",
    "x.y~/z",
    "go",
    "std",
    "cmd",
    "-/x",
]

BAD_MAJORS = ["x.y/v0", "x.y/v1", "x.y/v02", "x.y/v2.0", "x.y/v2.", "x.y/v0.5", "x.y/v00", "x.y/z/v1"]

BAD_ELEMENTS = [
    "x.y/con",
    "x.y/aux.go",
    "x.y/CON.txt",
    "x.y/COM9",
    "x.y/lpt1.a.b",
    "x.y/foo~1",
    "x.y/foo~1.x",
    "x.y/foo~12",
    "x.y/a+b",
    "x.y/é",
]

BAD_SHAPES = [
    "",
    "/",
    "/x.y/z",
    "x.y/",
    "x.y//z",
    "x.y/.",
    "x.y/..",
    "x.y/...",
    "x.y/.z",
    "x.y/z.",
    "x.y/a b",
    "x.y/a\\b",
    "x.y/a:b",
    "x.y/a@b",
    "x.y/a!b",
    "x.y/a%b",
    "x.y/a\x00b",
    "x.y/a\nb",
    "x.y/z\n",
    "x.y/\u0661",
    "x.y/\ud800",
]

BAD_GOPKG_IN = [
    "gopkg.in/yaml",
    "gopkg.in/yaml.v02",
    "gopkg.in/yaml/v2",
    "gopkg.in/yaml.v2/sub",
    "gopkg.in/yaml.v",
    "gopkg.in/yaml.v-unstable",
    "gopkg.in/yaml.v0-unstable",
    "gopkg.in/yaml.v00",
]

GOOD_GOPKG_IN = [
    ("gopkg.in/yaml.v2", "gopkg.in/yaml", ".v2"),
    ("gopkg.in/yaml.v0", "gopkg.in/yaml", ".v0"),
    ("gopkg.in/yaml.v1", "gopkg.in/yaml", ".v1"),
    ("gopkg.in/yaml.v2-unstable", "gopkg.in/yaml", ".v2-unstable"),
    ("gopkg.in/u/pkg.v3", "gopkg.in/u/pkg", ".v3"),
    ("gopkg.in/a.v1.v2", "gopkg.in/a.v1", ".v2"),
]


@pytest.mark.parametrize("path", VALID)
def test_plain_paths_are_valid(path: str) -> None:
    assert path_problem(path) == ""
    assert check_path(path) == path


@pytest.mark.matrix("T10")
@pytest.mark.parametrize("path", ODD_BUT_VALID)
def test_odd_paths_are_valid_all_the_same(path: str) -> None:
    assert path_problem(path) == ""


@pytest.mark.matrix("T8")
@pytest.mark.parametrize("path", BAD_HOSTS)
def test_the_first_element_must_be_a_lower_case_host_with_a_dot(path: str) -> None:
    with pytest.raises(InvalidTarget):
        check_path(path)


@pytest.mark.matrix("T9")
@pytest.mark.parametrize("path", BAD_MAJORS)
def test_a_major_version_suffix_begins_at_v2_without_zeros_and_dots(path: str) -> None:
    with pytest.raises(InvalidTarget, match=r"major version suffix|ends with a dot"):
        check_path(path)


@pytest.mark.matrix("T11")
@pytest.mark.parametrize("path", BAD_ELEMENTS)
def test_elements_that_some_file_system_cannot_hold_are_refused(path: str) -> None:
    with pytest.raises(InvalidTarget):
        check_path(path)


@pytest.mark.parametrize("path", BAD_SHAPES)
def test_empty_dotted_and_foreign_elements_are_refused(path: str) -> None:
    with pytest.raises(InvalidTarget):
        check_path(path)


@pytest.mark.matrix("T12")
@pytest.mark.parametrize("path", BAD_GOPKG_IN)
def test_gopkg_in_paths_must_end_in_a_version(path: str) -> None:
    assert path_problem(path) != ""
    assert split_path_version(path) is None


@pytest.mark.matrix("T13")
@pytest.mark.parametrize(("path", "prefix", "major"), GOOD_GOPKG_IN)
def test_gopkg_in_paths_split_at_their_last_version(path: str, prefix: str, major: str) -> None:
    assert path_problem(path) == ""
    assert split_path_version(path) == (prefix, major)


@pytest.mark.parametrize(
    ("path", "split"),
    [
        ("x.y/z", ("x.y/z", "")),
        ("x.y/z/v2", ("x.y/z", "/v2")),
        ("x.y/v10", ("x.y", "/v10")),
        ("x.y/v2/v3", ("x.y/v2", "/v3")),
        ("x.y/v", ("x.y/v", "")),
        ("x.y/foo.v2", ("x.y/foo.v2", "")),
        ("x.y/v1/sub", ("x.y/v1/sub", "")),
        ("x.y/2", ("x.y/2", "")),
        ("x.y/v1", None),
    ],
)
def test_the_major_version_is_split_off_the_path(path: str, split: tuple[str, str] | None) -> None:
    assert split_path_version(path) == split


@pytest.mark.parametrize(
    "name",
    [
        "a.go",
        "a b/c.go",
        "tilde~1.go",
        "-flag",
        ".git/config",
        "a!#$%&()+,-.=@[]^_{}~z",
        "世/é.go",
        "a..b",
        "com0",
    ],
)
def test_file_names_may_hold_what_every_file_system_holds(name: str) -> None:
    assert file_path_problem(name) == ""


@pytest.mark.parametrize(
    "name",
    [
        "",
        "/a",
        "a//b",
        "a/",
        "../evil",
        "a/./b",
        "trail.",
        "con.go",
        "x/NUL",
        'quo"te',
        "a*b",
        "a?b",
        "a<b",
        "a>b",
        "a|b",
        "a:b",
        "a\\b",
        "a`b",
        "a'b",
        "a\tb",
        "a\x7fb",
        "cafe\u0301",
        "\U0001f600",
        "\u0663",
        "a\udcffb",
    ],
)
def test_file_names_that_some_file_system_cannot_hold_are_refused(name: str) -> None:
    assert file_path_problem(name) != ""


def test_a_problem_names_the_character_at_fault() -> None:
    assert element_problem("a+b", "module") == "the character '+' is not allowed"
    assert element_problem("a+b", "file") == ""
