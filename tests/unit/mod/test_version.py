from __future__ import annotations

import pytest

from modmirror.errors import InvalidTarget
from modmirror.mod.path import ModulePath, check_path
from modmirror.mod.version import canonical_version, check_version, match_path_major, version_problem


@pytest.mark.parametrize(
    ("version", "canonical"),
    [
        ("v1", "v1.0.0"),
        ("v1.2", "v1.2.0"),
        ("v1.2.3+meta", "v1.2.3"),
        ("v2.0.0+incompatible", "v2.0.0+incompatible"),
        ("v2.0.0-rc.1+incompatible", "v2.0.0-rc.1+incompatible"),
        ("v2.0.0+incompatible.1", "v2.0.0"),
        ("main", ""),
        ("v1.2+incompatible", ""),
    ],
)
def test_canonical_versions_keep_no_build_metadata_but_incompatible(version: str, canonical: str) -> None:
    assert canonical_version(version) == canonical


@pytest.mark.parametrize(
    ("path", "version"),
    [
        ("x.y", "v0.1.0"),
        ("x.y", "v1.2.3-pre"),
        ("x.y", "v2.0.0+incompatible"),
        # Only the repository can say that these two are nonsense (protocol.md A.5).
        ("x.y", "v1.0.0+incompatible"),
        ("x.y/v2", "v2.0.0+incompatible"),
        ("x.y/v2", "v2.3.4"),
        ("gopkg.in/y.v2", "v2.0.0"),
        ("gopkg.in/y.v2-unstable", "v2.0.0"),
        ("gopkg.in/y.v0", "v0.0.0-20200101000000-abcdefabcdef"),
        ("golang.org/toolchain", "v0.0.1-go1.22.0.linux-amd64"),
    ],
)
def test_a_canonical_version_that_agrees_with_its_path_is_accepted(path: str, version: str) -> None:
    assert check_version(check_path(path), version) == version


@pytest.mark.matrix("T16")
def test_gopkg_in_v1_accepts_its_historic_v0_pseudo_versions() -> None:
    version = "v0.0.0-20200101000000-abcdefabcdef"
    assert check_version(check_path("gopkg.in/y.v1"), version) == version
    assert version_problem(check_path("gopkg.in/y.v2"), version) == "should be v2, not v0"


@pytest.mark.matrix("T14")
def test_version_two_needs_a_suffix_in_the_path() -> None:
    with pytest.raises(InvalidTarget, match=r"x\.y@v2\.0\.0: invalid version: should be v0 or v1, not v2"):
        check_version(check_path("x.y"), "v2.0.0")


@pytest.mark.matrix("T15")
@pytest.mark.parametrize("version", ["v1.0.0", "v3.0.0", "v20.0.0"])
def test_the_suffix_of_the_path_must_be_the_major_version(version: str) -> None:
    with pytest.raises(InvalidTarget, match="should be v2"):
        check_version(check_path("x.y/v2"), version)


@pytest.mark.matrix("T17")
@pytest.mark.parametrize("version", ["v1.2", "v1", "v1.2.3+meta", "main", "", "v1.2.3+incompatible.x"])
def test_a_version_that_is_not_canonical_is_refused(version: str) -> None:
    with pytest.raises(InvalidTarget, match="not"):
        check_version(check_path("x.y"), version)


def test_a_path_with_a_bad_suffix_agrees_with_no_version() -> None:
    unchecked = ModulePath("gopkg.in/yaml")
    assert version_problem(unchecked, "v1.0.0") != ""


@pytest.mark.parametrize(
    ("version", "path_major", "agrees"),
    [
        ("v1.0.0", "", True),
        ("v2.0.0", "", False),
        ("v2.0.0", "/v2", True),
        ("v2.0.0", ".v2-unstable", True),
        ("v22.0.0", "/v2", False),
        ("v0.0.0-x", ".v1", True),
        ("v0.0.0-x", ".v1-unstable", True),
        ("v0.0.0-x", "/v2", False),
        ("v0.0.0", ".v1", False),
    ],
)
def test_path_major_and_version_agree_by_number(version: str, path_major: str, *, agrees: bool) -> None:
    assert match_path_major(version, path_major) is agrees
