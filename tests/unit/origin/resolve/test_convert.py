from __future__ import annotations

import pytest

from modmirror.errors import NotExist
from modmirror.origin.resolve.convert import made_up_go_mod
from tests.fakes.model_repository import ModelRepository
from tests.fakes.resolving import resolve, site_of, version_of

GO_MOD = "module github.com/u/m\n"


def repository_with(*tags: str, go_mod: str = GO_MOD) -> ModelRepository:
    repository = ModelRepository()
    repository.tag(repository.add({"go.mod": go_mod}, at="2020-01-01T00:00:00Z"), *tags)
    return repository


@pytest.mark.parametrize(
    ("tags", "query", "version"),
    [
        (["v1.0.0", "v1.1.0-rc.1"], "main", "v1.1.0-rc.1"),
        (["v1.0.0", "v1.0.0+meta"], "v1.0.0+meta", "v1.0.0"),
        (["v1.0.0", "v1.1.0+meta"], "v1.1.0+meta", "v1.0.0"),
        (["v1.0.0", "v2.0.0"], "main", "v1.0.0"),
        (["v1.0.0", "release"], "release", "v1.0.0"),
    ],
)
async def test_a_commit_has_the_highest_version_tagged_on_it(
    tags: list[str], query: str, version: str
) -> None:
    assert await version_of("m", query, repository_with(*tags)) == version


async def test_a_tag_with_build_metadata_is_a_base_on_its_own_commit() -> None:
    repository = repository_with("v1.1.0+meta", "v1.2.0+meta")
    short = repository.branches["main"][:12]
    # Asked for by name it is the base, even where another one is higher.
    assert await version_of("m", "v1.1.0+meta", repository) == f"v1.1.1-0.20200101000000-{short}"
    assert await version_of("m", "main", repository) == f"v1.2.1-0.20200101000000-{short}"


async def test_a_retracted_tag_is_neither_version_nor_base() -> None:
    repository = repository_with("v1.1.0", "v0.1.0", go_mod=GO_MOD + "retract v1.1.0\n")
    assert await version_of("m", "main", repository) == "v0.1.0"
    made = repository.add({"f": "2"}, at="2020-01-02T00:00:00Z")
    assert await version_of("m", "main", repository) == f"v0.1.1-0.20200102000000-{made[:12]}"
    assert await version_of("m", "v1.1.0", repository) == "v1.1.0"


async def test_the_base_is_the_highest_tag_before_and_none_beside() -> None:
    repository = repository_with("v1.0.0")
    one = repository.branches["main"]
    beside = repository.add({"f": "beside"}, branch="beside", parents=(one,))
    repository.tag(beside, "v1.5.0")
    two = repository.add({"f": "2"}, at="2020-01-02T00:00:00Z")
    assert await version_of("m", "main", repository) == f"v1.0.1-0.20200102000000-{two[:12]}"
    merged = repository.add({"f": "3"}, at="2020-01-03T00:00:00Z", parents=(two, beside))
    assert await version_of("m", "main", repository) == f"v1.5.1-0.20200103000000-{merged[:12]}"


async def test_tags_of_a_neighbour_do_not_count() -> None:
    repository = ModelRepository()
    files = {"a/go.mod": "module github.com/u/m/a\n", "go.mod": GO_MOD}
    made = repository.add(files, at="2020-01-01T00:00:00Z")
    repository.tag(made, "v1.0.0", "b/v1.0.0", "ab/v1.0.0")
    assert await version_of("m/a", "main", repository) == f"v0.0.0-20200101000000-{made[:12]}"


async def test_a_tag_below_a_prefix_that_looks_like_a_pseudo_version_is_a_base_at_most() -> None:
    repository = ModelRepository()
    tagged = repository.add({"a/go.mod": "module github.com/u/m/a\n"}, at="2020-01-01T00:00:00Z")
    odd = "v1.0.1-0.20200101000000-abcdefabcdef"
    repository.tag(tagged, f"a/{odd}")
    for query in ("main", f"a/{odd}"):
        with pytest.raises(NotExist, match=f"a/{odd}, looks like a pseudo-version"):
            await resolve("m/a", query, repository)
    made = repository.add({"f": "2"}, at="2020-01-02T00:00:00Z")
    version = f"{odd}.0.20200102000000-{made[:12]}"
    assert await version_of("m/a", "main", repository) == version
    assert await version_of("m/a", version, repository) == version


async def test_the_same_version_has_the_same_answer_whatever_it_was_asked_by() -> None:
    repository = repository_with("v1.0.0", "release")
    commit = repository.branches["main"]
    answers = [await resolve("m", query, repository) for query in ("v1.0.0", "release", "main", commit)]
    assert answers == [answers[0]] * 4


def test_the_made_up_go_mod_is_known_to_clients_by_its_bytes() -> None:
    # protocol.md A.12
    assert made_up_go_mod(site_of("m").module) == b"module github.com/u/m\n"
