from __future__ import annotations

import pytest

from modmirror.origin.resolve.tags import VersionTag, version_tag, version_tags
from tests.fakes.recorded_repositories import ODD_TAGS

PSEUDO = "v1.0.1-0.20200101000000-abcdefabcdef"


@pytest.mark.parametrize(
    ("name", "version", "canonical"),
    [
        *[("v1.0.0", "v1.0.0", True), ("v1.4.0-RC1", "v1.4.0-RC1", True), ("v1.3.0+meta", "v1.3.0", False)],
        *[("v1.9.0-beta+x", "v1.9.0-beta", False), ("v1.11.0+incompatible", "v1.11.0", False)],
        *[("v2.0.0", "v2.0.0", True)],
    ],
)
def test_a_tag_names_the_version_it_begins_with(name: str, version: str, *, canonical: bool) -> None:
    assert version_tag(name, "") == VersionTag(name, version, canonical)


@pytest.mark.parametrize(
    "name",
    [
        *["v1", "v1.2", "v1.2+meta", "v1.2.3.4", "v01.5.0", "v1.6.0-01", "1.7.0", "v1.8.0-", "V1.12.0"],
        *["v1.13.0-alpha_1", "v1.14.0-\u03b1\u03b2", "release-v1.15.0", "main", "", PSEUDO],
    ],
)
def test_other_tags_name_no_version(name: str) -> None:
    assert version_tag(name, "") is None


def test_a_tag_of_a_subdirectory_needs_its_prefix() -> None:
    assert version_tag("a/b/v1.0.0", "a/b/") == VersionTag("a/b/v1.0.0", "v1.0.0", canonical=True)
    assert version_tag("v1.0.0", "a/b/") is None
    assert version_tag("a/b/v1.0.0", "") is None
    assert version_tag("a/b/v2/v2.0.0", "a/b/") is None


def test_only_the_whole_tag_is_taken_for_a_pseudo_version() -> None:
    assert version_tag(f"a/{PSEUDO}", "a/") == VersionTag(f"a/{PSEUDO}", PSEUDO, canonical=True)


def test_tags_come_in_the_order_of_their_versions() -> None:
    assert [tag.name for tag in version_tags(ODD_TAGS, "")] == [
        *[
            "v0.9.0",
            "v0.9.1",
            "v1.0.0",
            "v1.3.0+meta",
            "v1.4.0-RC1",
            "v1.9.0-beta+x",
            "v1.11.0+incompatible",
        ],
        "v2.0.0",
    ]
