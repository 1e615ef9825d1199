from __future__ import annotations

from typing import TYPE_CHECKING

from hypothesis import given
from hypothesis import strategies as st

from modmirror.errors import InvalidTarget
from modmirror.mod import semver
from modmirror.mod.pseudo import (
    is_pseudo_version,
    pseudo_version,
    pseudo_version_base,
    pseudo_version_revision,
    pseudo_version_time,
)
from tests.property.strategies import near_names, pseudo_versions, revisions, times, versions

if TYPE_CHECKING:
    from datetime import datetime


@given(st.just("") | versions, times, revisions)
def test_what_goes_into_a_pseudo_version_comes_out(older: str, time: datetime, revision: str) -> None:
    version = pseudo_version("v1", older, time, revision)
    assert is_pseudo_version(version)
    assert pseudo_version_time(version) == time
    assert pseudo_version_revision(version) == revision
    assert pseudo_version_base(version) == semver.canonical(older)


@given(versions, times, revisions)
def test_a_pseudo_version_comes_right_after_its_base(older: str, time: datetime, revision: str) -> None:
    version = pseudo_version("", older, time, revision)
    assert semver.compare(older, version) == -1
    if not semver.prerelease(older):
        head, _, patch = semver.canonical(older).rpartition(".")
        assert semver.compare(version, f"{head}.{int(patch) + 1}") == -1


@given(near_names | pseudo_versions.map(lambda version: version[:-1] + "\n"))
def test_any_text_is_taken_apart_or_refused(text: str) -> None:
    for take_apart in (pseudo_version_time, pseudo_version_revision, pseudo_version_base):
        try:
            take_apart(text)
        except InvalidTarget:
            continue
        assert is_pseudo_version(text)
