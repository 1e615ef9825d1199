from __future__ import annotations

import pytest

from modmirror.mod import semver

# A version, its canonical form, its prerelease and its build metadata.
VALID = [
    ("v1", "v1.0.0", "", ""),
    ("v0", "v0.0.0", "", ""),
    ("v1.2", "v1.2.0", "", ""),
    ("v1.2.3", "v1.2.3", "", ""),
    ("v10.20.30", "v10.20.30", "", ""),
    ("v1.2.3-pre", "v1.2.3-pre", "-pre", ""),
    ("v1.2.3-pre.1.x", "v1.2.3-pre.1.x", "-pre.1.x", ""),
    ("v1.2.3--", "v1.2.3--", "--", ""),
    ("v1.2.3-0", "v1.2.3-0", "-0", ""),
    ("v1.2.3-01a", "v1.2.3-01a", "-01a", ""),
    ("v1.2.3-0-1", "v1.2.3-0-1", "-0-1", ""),
    ("v1.2.3+meta", "v1.2.3", "", "+meta"),
    ("v1.2.3+001.02", "v1.2.3", "", "+001.02"),
    ("v1.2.3-rc.1+m-e.t4", "v1.2.3-rc.1", "-rc.1", "+m-e.t4"),
    ("v0.0.1-go1.22.0.linux-amd64", "v0.0.1-go1.22.0.linux-amd64", "-go1.22.0.linux-amd64", ""),
]

INVALID = [
    "",
    "v",
    "1",
    "1.2.3",
    "V1.2.3",
    "bad",
    "v01",
    "v1.02",
    "v1.2.03",
    "v1.",
    "v1.2.",
    "v.1",
    "v-1",
    "v+1",
    "v1-pre",
    "v1+meta",
    "v1.2-pre",
    "v1.2+meta",
    "v1.2.3-",
    "v1.2.3+",
    "v1.2.3-pre.",
    "v1.2.3-.pre",
    "v1.2.3-pre..x",
    "v1.2.3-01",
    "v1.2.3-pre.00",
    "v1.2.3+meta+more",
    "v1.2.3+meta.",
    "v1.2.3-a_b",
    "v1.2.3.4",
    " v1.2.3",
    "v1.2.3 ",
    "v1.2.3\n",
    "v\u0661.0.0",
    "v1.2.3-\u0661",
]

ASCENDING = [
    "bad",
    "v0.0.0-0",
    "v0.0.0",
    "v0.0.9",
    "v0.0.10",
    "v0.1.0",
    "v1.0.0--",
    "v1.0.0-alpha",
    "v1.0.0-alpha.1",
    "v1.0.0-alpha.beta",
    "v1.0.0-beta",
    "v1.0.0-beta.2",
    "v1.0.0-beta.11",
    "v1.0.0-rc.2",
    "v1.0.0-rc.10",
    "v1.0.0",
    "v1.2",
    "v1.2.1",
    "v2",
    "v9.0.0",
    "v10.0.0",
]


@pytest.mark.parametrize(("version", "canonical", "prerelease", "build"), VALID)
def test_a_valid_version_falls_into_its_parts(
    version: str, canonical: str, prerelease: str, build: str
) -> None:
    assert semver.is_valid(version)
    assert semver.canonical(version) == canonical
    assert semver.prerelease(version) == prerelease
    assert semver.build(version) == build
    assert semver.major(version) == canonical.partition(".")[0]
    assert semver.major_minor(version) == ".".join(canonical.split(".")[:2])


@pytest.mark.parametrize("version", INVALID)
def test_an_invalid_version_has_no_parts(version: str) -> None:
    assert not semver.is_valid(version)
    parts = [semver.canonical, semver.major, semver.major_minor, semver.prerelease, semver.build]
    assert [part(version) for part in parts] == ["", "", "", "", ""]


@pytest.mark.matrix("T37")
def test_precedence_is_numeric_then_by_prerelease() -> None:
    for i, left in enumerate(ASCENDING):
        for j, right in enumerate(ASCENDING):
            assert semver.compare(left, right) == (i > j) - (i < j), (left, right)
    assert sorted(ASCENDING[10:] + ASCENDING[:10], key=semver.sort_key) == ASCENDING


def test_build_metadata_and_short_forms_do_not_change_precedence() -> None:
    assert semver.compare("v1.2.3+a", "v1.2.3+b") == 0
    assert semver.compare("v1", "v1.0.0") == 0


def test_invalid_versions_are_equal_and_below_all() -> None:
    assert semver.compare("bad", "worse") == 0
    assert semver.compare("bad", "v0.0.0-0") == -1


def test_sorting_breaks_ties_by_the_text_itself() -> None:
    assert sorted(["v1.0.0+b", "v1.0.0", "v1.0.0+a"], key=semver.sort_key) == [
        "v1.0.0",
        "v1.0.0+a",
        "v1.0.0+b",
    ]


@pytest.mark.matrix("T25")
def test_numbers_of_five_thousand_digits_compare() -> None:
    nines = "v1.0." + "9" * 5000
    assert semver.is_valid(nines)
    assert semver.compare("v1.0.1" + "0" * 5000, nines) == 1
    assert semver.compare(nines, nines) == 0
    assert semver.compare("v1.0.0-" + "9" * 5000, "v1.0.0-a") == -1


@pytest.mark.parametrize(
    "version",
    ["v1.0.0-" + "1" * 20_000 + "!", "v1.0.0-" + "a." * 10_000 + "!", "v1.0.0+" + "0-" * 10_000 + "!"],
)
def test_a_long_invalid_version_is_refused_in_one_pass(version: str) -> None:
    # Backtracking would take minutes, and the time limit of the test run would end it.
    assert not semver.is_valid(version)
