"""Laws that every repository must obey, whatever its tags, branches and go.mod files."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from hypothesis import given
from hypothesis import strategies as st

from modmirror.errors import NotExist
from modmirror.mod import semver
from modmirror.mod.pseudo import is_pseudo_version
from modmirror.mod.version import version_problem
from modmirror.origin.resolve.facts import (
    Done,
    Facts,
    NeedCommit,
    NeedFile,
    NeedPrefix,
    NeedTagsBefore,
    Wanted,
)
from modmirror.origin.resolve.questions import latest, revision, versions
from tests.fakes.model_repository import ModelRepository
from tests.fakes.resolving import answer, site_of

if TYPE_CHECKING:
    from random import Random
    from typing import Any

    from modmirror.origin.resolve.convert import Resolved
    from modmirror.origin.resolve.facts import Need

MODULES = st.sampled_from(["m", "m", "m/v2", "m/v3", "m/sub", "m/sub/v2"])
DECLARED = st.sampled_from(
    [
        *[
            None,
            None,
            "",
            "github.com/u/m",
            "github.com/u/m/v2",
            "github.com/u/m/sub",
            "github.com/u/m/sub/v2",
        ],
        *["other.com/x", "gopkg.in/x.v2", "github.com/u/m\nretract [v1.0.0, v1.1.0]", "x.y/z/v3"],
    ]
)
VERSIONS = st.sampled_from(
    [
        *[
            "v0.1.0",
            "v1.0.0",
            "v1.1.0",
            "v1.1.0+meta",
            "v1.2.0-rc.1",
            "v2.0.0",
            "v2.1.0-pre",
            "v3.0.0",
            "v1",
        ],
        *["v1.3.0+incompatible", "v1.0.1-0.20200101000000-abcdefabcdef", "v10.0.0", "release", "v1.5.0"],
    ]
)
TAGS = st.builds("{}{}".format, st.sampled_from(["", "", "sub/", "v2/"]), VERSIONS)
PLACES = ("go.mod", "v2/go.mod", "sub/go.mod", "sub/v2/go.mod")
NO_COMMIT = "f" * 40


@st.composite
def repositories(draw: st.DrawFn) -> ModelRepository:
    """A few commits in a tree, with tags, branches, and a tag of no commit now and then."""
    repository = ModelRepository()
    made: list[str] = []
    for number in range(draw(st.integers(0, 4))):
        declared = {place: draw(DECLARED) for place in PLACES}
        files = {place: f"module {path}\n" for place, path in declared.items() if path is not None}
        parents = (draw(st.sampled_from(made)),) if made else ()
        known = repository.files(parents[0]) if parents else frozenset()
        removed = dict.fromkeys(place for place in PLACES if place in known and place not in files)
        at = f"2020-01-{draw(st.integers(1, 28)):02}T00:00:00Z"
        made.append(
            repository.add(
                {**files, **removed, "f": str(number)}, at=at, branch=f"b{number}", parents=parents
            )
        )
    if made:
        repository.branches["main"] = draw(st.sampled_from(made))
        for name in draw(st.lists(TAGS, max_size=6)):
            repository.tag(draw(st.sampled_from([*made, *made, NO_COMMIT])), name)
        for name in draw(st.lists(VERSIONS, max_size=2)):
            repository.branches[name] = draw(st.sampled_from(made))
    return repository


def queries(repository: ModelRepository) -> list[str]:
    ids = [commit_id[:12] for commit_id in repository.branches.values()]
    return ["HEAD", *repository.branches, *repository.tags, *ids]


async def resolved(repository: ModelRepository, module: str, query: str) -> Resolved | None:
    try:
        return await answer(repository, partial(revision, site_of(module), query))
    except NotExist:
        return None


@given(repositories(), MODULES)
async def test_what_a_revision_resolves_to_resolves_to_itself(
    repository: ModelRepository, module: str
) -> None:
    for query in queries(repository):
        found = await resolved(repository, module, query)
        if found is not None:
            assert await resolved(repository, module, found.version) == found


@given(repositories(), MODULES)
async def test_every_version_is_one_that_clients_may_ask_for(
    repository: ModelRepository, module: str
) -> None:
    path = site_of(module).module
    for query in queries(repository):
        found = await resolved(repository, module, query)
        if found is not None:
            assert version_problem(path, found.version) == ""
            # Nothing but a tag makes a version that looks released.
            assert found.ref or is_pseudo_version(found.version)
            if semver.is_valid(query) and semver.canonical(query) == query:
                assert found.version.removesuffix("+incompatible") == query


@given(repositories(), MODULES)
async def test_a_list_is_sorted_and_holds_no_version_twice_and_no_pseudo_version(
    repository: ModelRepository, module: str
) -> None:
    site = site_of(module)
    try:
        listed = await answer(repository, partial(versions, site))
    except NotExist:
        return
    assert list(listed) == sorted(set(listed), key=semver.sort_key)
    assert [v for v in listed if version_problem(site.module, v) or is_pseudo_version(v)] == []


@given(repositories(), MODULES)
async def test_the_latest_version_is_listed_or_a_commit_of_head(
    repository: ModelRepository, module: str
) -> None:
    site = site_of(module)
    try:
        found = await answer(repository, partial(latest, site))
    except NotExist:
        return
    listed = await answer(repository, partial(versions, site))
    assert found.version in listed or found.commit.id == repository.branches["main"]
    assert await resolved(repository, module, found.version) == found


@given(repositories(), MODULES, st.randoms(use_true_random=False))
async def test_an_answer_does_not_depend_on_the_order_in_which_facts_come(
    repository: ModelRepository, module: str, rng: Random
) -> None:
    for query in queries(repository)[:3]:
        facts = Facts(await repository.refs())
        step = revision(site_of(module), query, facts)
        while isinstance(step, Wanted):
            # One fact at a time, not all that are wanted.
            need = rng.choice(step.needs)
            facts.learn(need, await fact(repository, need))
            step = revision(site_of(module), query, facts)
        found = step.result if isinstance(step, Done) else None
        assert found == await resolved(repository, module, query)


async def fact(repository: ModelRepository, need: Need[Any]) -> object:
    match need:
        case NeedCommit(id=commit_id):
            return await repository.commit(commit_id)
        case NeedPrefix(prefix=prefix):
            return await repository.find(prefix)
        case NeedFile(commit=commit_id, path=path, limit=limit):
            return await repository.read(commit_id, path, limit)
        case _:
            assert isinstance(need, NeedTagsBefore)
            return await repository.tags_before(need.commit)
