from __future__ import annotations

import pytest

from modmirror.errors import NotExist
from tests.fakes.model_repository import ModelRepository
from tests.fakes.resolving import resolve, version_of


def repository_with(files: dict[str, str], *tags: str) -> ModelRepository:
    repository = ModelRepository()
    repository.tag(repository.add({**files, "f": ""}), *tags)
    return repository


async def hint_for(module: str, query: str, repository: ModelRepository) -> str:
    with pytest.raises(NotExist) as refusal:
        await resolve(module, query, repository)
    return refusal.value.hint


@pytest.mark.parametrize("query", ["v2.0.0", "v2.0.0+incompatible", "main"])
async def test_a_version_from_v2_on_without_a_go_mod_is_incompatible(query: str) -> None:
    assert await version_of("m", query, repository_with({}, "v2.0.0")) == "v2.0.0+incompatible"


async def test_a_directory_for_the_major_version_takes_its_tags() -> None:
    repository = repository_with({"v2/go.mod": "module github.com/u/m/v2\n"}, "v2.0.0")
    with pytest.raises(NotExist):
        await resolve("m", "v2.0.0", repository)
    assert await version_of("m/v2", "v2.0.0", repository) == "v2.0.0"
    # Spelt out it is still to be had, because it once was.
    assert await version_of("m", "v2.0.0+incompatible", repository) == "v2.0.0+incompatible"


async def test_a_module_path_at_another_major_version_is_named() -> None:
    repository = repository_with({"go.mod": "module github.com/u/m\n"}, "v2.0.0", "v1.0.0")
    assert (
        await hint_for("m", "v2.0.0", repository) == "the path of this version would be github.com/u/m/v2"
    )
    assert await hint_for("m", "v1.0.0+incompatible", repository) == "ask for v1.0.0"
    below = repository_with({"go.mod": "module github.com/u/m/v2\n"}, "v3.0.0")
    assert await hint_for("m/v2", "v3.0.0", below) == "the path of this version would be github.com/u/m/v3"


async def test_a_branch_that_is_called_like_a_version_is_not_that_version() -> None:
    repository = repository_with({"go.mod": "module github.com/u/m\n"}, "v1.0.0")
    repository.branches["v1.5.0"] = repository.branches["main"]
    with pytest.raises(NotExist, match=r"resolves to version v1\.0\.0, because v1\.5\.0 is not a tag"):
        await resolve("m", "v1.5.0", repository)


async def test_files_for_many_majors_are_asked_for_in_one_round() -> None:
    majors = [f"v{number}.0.0" for number in range(2, 20)]
    repository = repository_with({}, *majors)
    repository.add({"f": "2"})
    assert (await version_of("m", "main", repository)).startswith("v19.0.1-0.")
