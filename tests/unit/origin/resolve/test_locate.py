from __future__ import annotations

import pytest

from modmirror.errors import NotExist
from modmirror.origin.resolve.locate import revision_of
from tests.fakes.model_repository import ModelRepository
from tests.fakes.recorded_repositories import recorded
from tests.fakes.resolving import resolve, site_of

LONG = "17a33449699dd1e8beb5059a48632f064e705a89"


async def hint_for(module: str, query: str, repository: ModelRepository | None = None) -> str:
    with pytest.raises(NotExist) as refusal:
        await resolve(module, query, repository)
    return refusal.value.hint


@pytest.mark.parametrize(
    ("module", "query", "name"),
    [
        *[("m", "v1.0.0", "v1.0.0"), ("m", "v2.0.0+incompatible", "v2.0.0"), ("m", "v1.0.0+x", "v1.0.0+x")],
        *[("m/a/b", "v1.0.0", "a/b/v1.0.0"), ("m/a/b/v2", "v2.0.0", "a/b/v2.0.0"), ("m/a", "main", "main")],
        ("m/a", "v1.0.1-0.20200101000000-abcdefabcdef", "abcdefabcdef"),
    ],
)
def test_versions_are_looked_for_as_tags_and_pseudo_versions_as_commits(
    module: str, query: str, name: str
) -> None:
    assert revision_of(site_of(module), query) == name


async def test_a_tag_comes_before_a_branch_and_a_branch_before_an_id() -> None:
    repository = ModelRepository()
    one = repository.add({"go.mod": "module github.com/u/m\n"}, at="2020-01-01T00:00:00Z")
    two = repository.add({"f": "2"}, at="2020-01-02T00:00:00Z")
    three = repository.add({"f": "3"}, at="2020-01-03T00:00:00Z")
    repository.branches |= {"both": two, three[:8]: two}
    repository.tag(one, "both")
    assert (await resolve("m", "both", repository)).commit.id == one
    assert (await resolve("m", three[:8], repository)).commit.id == two
    assert (await resolve("m", three[:9], repository)).commit.id == three


@pytest.mark.parametrize("digits", [7, 12, 39, 40])
async def test_a_commit_with_a_name_is_found_among_the_names(digits: int) -> None:
    repository = recorded("tags")
    assert (await resolve("tags", LONG[:digits], repository)).commit.id == LONG
    assert "find" not in {question[0] for question in repository.asked}


async def test_a_commit_without_a_name_is_looked_up_in_the_history() -> None:
    repository = recorded("ret")
    repository.tags.clear()
    assert (await resolve("ret", "e28cba1", repository)).commit.id.startswith("e28cba1f0af0")
    assert ("find", "e28cba1") in repository.asked


@pytest.mark.matrix("T80")
async def test_ids_may_have_sixty_four_digits() -> None:
    repository = ModelRepository()
    long = "5d69519d8d2a7fcc9dfab9875d3adae96fe17be2bb62001c1efd313054fefd82"
    repository.add({"go.mod": "module github.com/u/m\n"}, at="2020-01-01T00:00:00Z", id=long)
    for query in (long, long[:12], "main"):
        assert (await resolve("m", query, repository)).version == "v0.0.0-20200101000000-5d69519d8d2a"


async def test_the_beginning_of_several_ids_is_refused() -> None:
    repository = ModelRepository()
    repository.add({"f": "1"}, id="abcdef01" + "0" * 32)
    repository.add({"f": "2"}, branch="other", id="abcdef02" + "0" * 32)
    assert await hint_for("m", "abcdef0", repository) == (
        f"give more digits, such as abcdef01{'0' * 32} or abcdef02{'0' * 32}"
    )


async def test_a_subversion_revision_is_a_number() -> None:
    repository = ModelRepository(vcs="svn")
    repository.add({"go.mod": "module github.com/u/m\n"}, at="2020-01-01T00:00:00Z", id="1234")
    await resolve("m", "1234", repository)
    with pytest.raises(NotExist):
        await resolve("m", "v0.0.0-20200101000000-000000000077", repository)
    assert [question for question in repository.asked if question[0] == "find"] == [
        ("find", "1234"),
        ("find", "77"),
    ]


@pytest.mark.parametrize(
    ("module", "query", "hint"),
    [
        ("tags", "v1.3.0", "there is a tag v1.3.0+meta: ask for that revision by its whole name"),
        ("tags", "v1.7.0", "there is a tag 1.7.0, but tags of Go versions begin with v"),
        ("tags", "v1.99.0", "a tag v1.99.0 would make this version"),
        ("tags", "v1.2", "ask for one of the versions in the list that begin with v1.2"),
        ("tags", "17a334", "a commit id is given in lower case, with at least 7 digits"),
        ("tags", "17A3344", "a commit id is given in lower case, with at least 7 digits"),
        ("tags", "nosuchbranch", "there is no such branch or tag"),
        (
            "sd/a/b",
            "v1.0.0",
            (
                "the tag v1.0.0 is a version of the module at the repository's root; "
                "versions of this one are tagged a/b/v1.0.0"
            ),
        ),
        (
            "pr",
            "76f1f6a2a438a1f06ec53ae9ed56240747081b73",
            "no branch or tag leads to such a commit; pull requests and deleted branches do not count",
        ),
    ],
)
async def test_a_refusal_says_what_may_have_been_meant(module: str, query: str, hint: str) -> None:
    assert await hint_for(module, query) == hint
