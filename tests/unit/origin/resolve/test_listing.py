from __future__ import annotations

from functools import partial

import pytest

from modmirror.mod.path import check_path
from modmirror.origin.resolve.facts import Done, Facts, NeedCommit, Wanted
from modmirror.origin.resolve.listing import MAX_TOPS, newest
from modmirror.origin.resolve.questions import versions
from modmirror.origin.resolve.site import ModuleSite
from tests.fakes.model_repository import ModelRepository
from tests.fakes.recorded_repositories import BLOB, recorded
from tests.fakes.resolving import answer, latest_of, list_of, site_of, version_of

GO_MOD = "module github.com/u/m\n"


@pytest.mark.parametrize(
    ("listed", "expected"),
    [
        (["v1.0.0", "v1.1.0-rc.1"], "v1.0.0"),
        (["v0.1.0-a", "v1.0.0-rc.1"], "v1.0.0-rc.1"),
        (["v1.0.0", "v2.0.0+incompatible"], "v2.0.0+incompatible"),
        ([], ""),
    ],
)
def test_the_newest_is_the_highest_release_or_else_prerelease(listed: list[str], expected: str) -> None:
    assert newest(listed) == expected


@pytest.mark.matrix("T42")
async def test_unstable_paths_have_no_tags_of_their_own() -> None:
    repository = ModelRepository()
    repository.tag(repository.add({"f": ""}), "v2.0.0")
    for module, listed in (("gopkg.in/m.v2", ("v2.0.0",)), ("gopkg.in/m.v2-unstable", ())):
        site = ModuleSite(check_path(module), module)
        assert await answer(repository, partial(versions, site)) == listed


async def test_a_module_in_a_subdirectory_given_by_discovery_has_tags_of_that_directory() -> None:
    repository = ModelRepository()
    made = repository.add({"sub/deep/go.mod": "module x.y/m\n"})
    repository.tag(made, "v1.0.0", "sub/deep/v1.2.0")
    site = ModuleSite(check_path("x.y/m"), "x.y/m", "sub/deep")
    assert await answer(repository, partial(versions, site)) == ("v1.2.0",)


# --- +incompatible ---


async def test_a_major_whose_newest_tag_has_a_go_mod_is_left_out_whole() -> None:
    repository = ModelRepository()
    repository.tag(repository.add({"f": "1"}), "v1.0.0", "v2.0.0", "v3.0.0")
    repository.tag(repository.add({"go.mod": GO_MOD}), "v2.1.0")
    assert await list_of("m", repository) == "v1.0.0 v3.0.0+incompatible"


async def test_a_compatible_version_with_a_go_mod_leaves_out_all_incompatible_ones() -> None:
    repository = ModelRepository()
    repository.tag(repository.add({"f": "1"}), "v1.0.0", "v2.0.0")
    repository.tag(repository.add({"go.mod": GO_MOD}), "v1.1.0")
    assert await list_of("m", repository) == "v1.0.0 v1.1.0"
    # The newest compatible version decides, be it a prerelease.
    repository.tag(repository.add({"go.mod": None}), "v1.2.0-pre")
    assert await list_of("m", repository) == "v1.0.0 v1.1.0 v1.2.0-pre v2.0.0+incompatible"


async def test_incompatible_versions_need_no_compatible_one() -> None:
    repository = ModelRepository()
    repository.tag(repository.add({"f": "1"}), "v2.0.0", "v10.0.0")
    assert await list_of("m", repository) == "v2.0.0+incompatible v10.0.0+incompatible"


async def test_many_majors_are_looked_at_in_few_rounds() -> None:
    repository = ModelRepository()
    repository.tag(repository.add({"f": "1"}), *(f"v{number}.0.0" for number in range(2, 40)))
    facts, rounds = Facts(await repository.refs()), 0
    while isinstance(step := versions(site_of("m"), facts), Wanted):
        rounds += 1
        for need in step.needs:
            if isinstance(need, NeedCommit):
                facts.learn(need, await repository.commit(need.id))
            else:
                facts.learn(need, None)
    assert (isinstance(step, Done), rounds) == (True, 2)


# --- tags that point at no commit ---


async def test_the_newest_tags_of_no_commit_are_left_out() -> None:
    repository = recorded("nm")
    repository.tag(repository.branches["main"], "v2.0.0-rc.1")
    repository.tag(BLOB, "v3.0.0")
    assert await list_of("nm", repository) == "v1.0.0 v1.0.1"
    repository.tag(repository.tags["v1.0.1"], "v1.1.0-rc.1")
    # The newest release is asked for by clients, too.
    assert await list_of("nm", repository) == "v1.0.0 v1.0.1 v1.1.0-rc.1"
    assert await latest_of("nm", repository) == "v1.0.1"


async def test_very_many_tags_of_no_commit_take_a_bounded_number_of_questions() -> None:
    repository = ModelRepository()
    repository.tag(repository.add({"go.mod": GO_MOD}), "v0.1.0")
    repository.tag(BLOB, *(f"v1.0.{number}" for number in range(100)))
    assert len((await list_of("m", repository)).split()) == 101 - MAX_TOPS
    assert len(repository.asked) <= MAX_TOPS + 1


# --- retractions ---


@pytest.mark.parametrize(
    ("go_mod", "version"),
    [
        (GO_MOD + "retract [v1.0.0, v1.2.0]\n", "v0.9.0"),
        # A file that cannot be read retracts nothing, and is a go.mod all the same.
        (GO_MOD + "retract [v1.0.0, v1.2.0]\n/* broken */\n", "v1.2.0"),
        ("module other.com/x\nretract v1.2.0\n", "v1.1.0"),
    ],
)
async def test_the_newest_version_says_what_is_retracted(go_mod: str, version: str) -> None:
    repository = ModelRepository()
    repository.tag(repository.add({"go.mod": GO_MOD}), "v0.9.0")
    repository.tag(repository.add({"f": "1"}), "v1.0.0", "v1.1.0")
    repository.tag(repository.add({"go.mod": go_mod}), "v1.2.0")
    assert await latest_of("m", repository) == version


async def test_a_newest_version_that_is_no_module_retracts_nothing() -> None:
    repository = ModelRepository()
    repository.tag(repository.add({"go.mod": GO_MOD}), "v1.0.0")
    repository.tag(repository.add({"go.mod": "module x.y/z/v2\nretract v1.0.0\n"}), "v1.1.0")
    made = repository.add({"go.mod": GO_MOD}, at="2020-01-02T00:00:00Z")
    assert await version_of("m", "main", repository) == f"v1.1.1-0.20200102000000-{made[:12]}"


async def test_a_newest_release_of_no_commit_retracts_nothing() -> None:
    repository = ModelRepository()
    repository.tag(BLOB, "v1.0.0")
    repository.tag(repository.add({"go.mod": GO_MOD + "retract v1.2.0-rc.1\n"}), "v1.2.0-rc.1")
    made = repository.add({"f": ""}, at="2020-01-06T00:00:00Z")
    # So says the go command, although the list leaves v1.0.0 out.
    assert await version_of("m", "main", repository) == f"v1.2.0-rc.1.0.20200106000000-{made[:12]}"
    assert await list_of("m", repository) == "v1.2.0-rc.1"
