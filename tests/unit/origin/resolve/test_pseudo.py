from __future__ import annotations

import pytest

from modmirror.errors import NotExist
from tests.fakes.model_repository import ModelRepository
from tests.fakes.resolving import resolve, version_of

GO_MOD = "module github.com/u/m\n"


def history() -> tuple[ModelRepository, str]:
    """Three commits in line, and a side branch from the first; return the short id of the third."""
    repository = ModelRepository()
    one = repository.add({"go.mod": GO_MOD}, at="2020-01-01T00:00:00Z")
    two = repository.add({"f": "2"}, at="2020-01-02T00:00:00Z")
    three = repository.add({"f": "3"}, at="2020-01-03T00:00:00Z")
    side = repository.add({"f": "side"}, at="2020-01-03T00:00:00Z", branch="side", parents=(one,))
    repository.tag(two, "v1.1.0", "v1.0.0", "v1.4.0+one")
    repository.tag(side, "v1.2.0")
    repository.tag(three, "v1.3.0+meta", "v1.4.0+two")
    return repository, three[:12]


@pytest.mark.parametrize(
    "begin",
    [
        *["v0.0.0-", "v1.1.1-0.", "v1.3.1-0.", "v1.4.1-0."],
        # The base need not be the highest tag before it.
        "v1.0.1-0.",
    ],
)
async def test_any_tag_before_the_commit_may_be_the_base(begin: str) -> None:
    repository, short = history()
    version = f"{begin}20200103000000-{short}"
    assert await version_of("m", version, repository) == version


@pytest.mark.matrix("T62")
@pytest.mark.parametrize(
    ("begin", "stamp", "reason"),
    [
        ("v1.2.1-0.", "20200103000000", "the commit is not a descendant of the tag v1.2.0"),
        ("v1.1.2-0.", "20200103000000", "there is no tag v1.1.1 before it"),
        ("v1.1.1-0.", "20200103000001", "the commit was made at another time, 20200103000000"),
        ("v1.1.1-0.", "20200199000000", "20200199000000 is not a time"),
        ("v1.1.0-0.", "20200103000000", "negative patch number"),
    ],
)
async def test_a_pseudo_version_that_is_not_true_is_refused(begin: str, stamp: str, reason: str) -> None:
    repository, short = history()
    with pytest.raises(NotExist) as refusal:
        await resolve("m", f"{begin}{stamp}-{short}", repository)
    assert reason in refusal.value.reason


async def test_a_revision_that_a_tag_is_called_by_must_still_be_the_commit() -> None:
    repository, short = history()
    repository.tag(repository.branches["side"], short)
    with pytest.raises(NotExist, match=f"its revision {short} is not the 12 digits of the commit"):
        await resolve("m", f"v0.0.0-20200103000000-{short}", repository)


async def test_build_metadata_is_no_part_of_a_pseudo_version() -> None:
    repository, short = history()
    with pytest.raises(NotExist) as refusal:
        await resolve("m", f"v1.1.1-0.20200103000000-{short}+meta", repository)
    assert refusal.value.hint == f"ask for v1.1.1-0.20200103000000-{short}"


async def test_retractions_do_not_matter_for_a_base() -> None:
    repository, _ = history()
    three = repository.add({"go.mod": GO_MOD + "retract [v1.0.0, v1.9.0]\n"}, at="2020-01-04T00:00:00Z")
    repository.tag(three, "v1.5.0")
    four = repository.add({"f": "4"}, at="2020-01-05T00:00:00Z")
    version = f"v1.1.1-0.20200105000000-{four[:12]}"
    assert await version_of("m", version, repository) == version
    assert await version_of("m", "main", repository) == f"v0.0.0-20200105000000-{four[:12]}"


async def test_a_path_with_a_major_version_needs_no_base() -> None:
    repository = ModelRepository()
    made = repository.add({"go.mod": "module github.com/u/m/v2\n"}, at="2020-01-01T00:00:00Z")
    version = f"v2.0.0-20200101000000-{made[:12]}"
    assert await version_of("m/v2", version, repository) == version


async def test_an_incompatible_pseudo_version_may_be_without_base() -> None:
    repository = ModelRepository()
    made = repository.add({"f": "1"}, at="2020-01-01T00:00:00Z")
    version = f"v3.0.0-20200101000000-{made[:12]}+incompatible"
    assert await version_of("m", version, repository) == version


async def test_a_tag_that_looks_like_a_pseudo_version_is_none_but_may_be_the_base() -> None:
    repository, short = history()
    base = "v1.0.1-0.20200101000000-abcdefabcdef"
    repository.tag(repository.branches["side"], base)
    with pytest.raises(NotExist, match="not a descendant"):
        await resolve("m", f"{base}.0.20200103000000-{short}", repository)
    repository.tag(repository.tags["v1.1.0"], base)
    version = f"{base}.0.20200103000000-{short}"
    assert await version_of("m", version, repository) == version


async def test_a_tag_of_the_root_on_the_commit_spoils_the_base_of_a_subdirectory() -> None:
    repository = ModelRepository()
    one = repository.add({"sub/go.mod": "module github.com/u/m/sub\n"})
    two = repository.add({"f": "2"}, at="2020-01-02T00:00:00Z")
    repository.tag(one, "sub/v0.1.0")
    version = f"v0.1.1-0.20200102000000-{two[:12]}"
    assert await version_of("m/sub", "main", repository) == version
    repository.tag(two, "v0.1.0")
    for query in ("main", version):
        with pytest.raises(NotExist, match="bears the tag v0.1.0, which the go command takes"):
            await resolve("m/sub", query, repository)
