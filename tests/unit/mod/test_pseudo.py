from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest

from modmirror.errors import InvalidTarget
from modmirror.mod.pseudo import (
    is_pseudo_version,
    pseudo_version,
    pseudo_version_base,
    pseudo_version_revision,
    pseudo_version_time,
)

TIME = datetime(2020, 1, 2, 3, 4, 5, tzinfo=UTC)
R = "abcdefabcdef"
TAIL = f"20200102030405-{R}"

# (major, older tag, pseudo-version, base without build metadata): protocol.md A.6
FORMS = [
    ("", "", f"v0.0.0-{TAIL}", ""),
    ("v2", "", f"v2.0.0-{TAIL}", ""),
    ("v1", "v1.2.3", f"v1.2.4-0.{TAIL}", "v1.2.3"),
    ("v1", "v1.2.99", f"v1.2.100-0.{TAIL}", "v1.2.99"),
    ("v1", "v1.2.9", f"v1.2.10-0.{TAIL}", "v1.2.9"),
    ("v1", "v1.2.0", f"v1.2.1-0.{TAIL}", "v1.2.0"),
    ("v1", "v1.0.0-rc.1", f"v1.0.0-rc.1.0.{TAIL}", "v1.0.0-rc.1"),
    ("v1", "v1.0.0-0", f"v1.0.0-0.0.{TAIL}", "v1.0.0-0"),
    ("v2", "v2.0.0+incompatible", f"v2.0.1-0.{TAIL}+incompatible", "v2.0.0"),
    ("v2", "v2.0.0-pre+incompatible", f"v2.0.0-pre.0.{TAIL}+incompatible", "v2.0.0-pre"),
]


@pytest.mark.parametrize(("major", "older", "pseudo", "base"), FORMS)
def test_a_pseudo_version_is_made_and_taken_apart(major: str, older: str, pseudo: str, base: str) -> None:
    assert pseudo_version(major, older, TIME, R) == pseudo
    assert is_pseudo_version(pseudo)
    assert pseudo_version_time(pseudo) == TIME
    assert pseudo_version_revision(pseudo) == R
    assert pseudo_version_base(pseudo) == base


def test_the_time_is_that_of_the_commit_in_utc() -> None:
    local = datetime(2020, 5, 5, 12, 0, 0, tzinfo=timezone(timedelta(hours=5)))
    assert pseudo_version("", "", local, R) == f"v0.0.0-20200505070000-{R}"


def test_a_year_before_1000_still_has_four_digits() -> None:
    assert pseudo_version("", "", datetime(1, 1, 1, tzinfo=UTC), R) == f"v0.0.0-00010101000000-{R}"


@pytest.mark.parametrize(
    "version",
    [
        "",
        "main",
        "v1.2.3",
        # Form 1 only from a version that ends in .0.0.
        f"v1.2.3-{TAIL}",
        f"v1.2.3-pre.{TAIL}",
        f"v0.0.0-2020010203040-{R}",
        f"v0.0.0-202001020304056-{R}",
        "v0.0.0-20200102030405-",
        f"v0.0.0-20200102030405.{R}",
        f"v0.0.0-{TAIL}.x",
        f"v0.0.0-{TAIL}\n",
        f"v00.0.0-{TAIL}",
        f"v1.01.0-0.{TAIL}",
        f"v0.0.0-\u0662020010203040-{R}",
        "v0.0.1-go1.22.0.linux-amd64",
    ],
)
def test_other_shapes_are_no_pseudo_versions(version: str) -> None:
    assert not is_pseudo_version(version)
    for take_apart in (pseudo_version_time, pseudo_version_revision, pseudo_version_base):
        with pytest.raises(InvalidTarget, match="not a pseudo-version"):
            take_apart(version)


@pytest.mark.parametrize("stamp", ["20201302030405", "20200230030405", "20200102250405", "00000101000000"])
def test_fourteen_digits_that_are_no_time_have_the_shape_but_no_time(stamp: str) -> None:
    version = f"v0.0.0-{stamp}-{R}"
    assert is_pseudo_version(version)
    with pytest.raises(InvalidTarget, match="is not a time"):
        pseudo_version_time(version)


def test_there_is_no_version_before_patch_zero() -> None:
    with pytest.raises(InvalidTarget, match="negative patch"):
        pseudo_version_base(f"v1.0.0-0.{TAIL}")


@pytest.mark.parametrize(
    ("patch", "lower"),
    [("1", "0"), ("10", "9"), ("100", "99"), ("110", "109"), ("1" + "0" * 5000, "9" * 5000)],
)
def test_decrement_borrows_over_any_number_of_zeros(patch: str, lower: str) -> None:
    assert pseudo_version_base(f"v1.2.{patch}-0.{TAIL}") == f"v1.2.{lower}"
    assert pseudo_version("v1", f"v1.2.{lower}", TIME, R) == f"v1.2.{patch}-0.{TAIL}"


def test_a_base_free_pseudo_version_may_be_incompatible() -> None:
    # protocol.md A.6 step 5: +incompatible is taken off first.
    assert pseudo_version_base(f"v3.0.0-{TAIL}+incompatible") == ""
