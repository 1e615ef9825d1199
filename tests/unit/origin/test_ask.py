from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import pytest

from modmirror.errors import UpstreamBadAnswer, UpstreamUnavailable
from modmirror.origin.ask import Learned, ask
from modmirror.origin.resolve.facts import Done, Refused
from modmirror.origin.resolve.questions import revision, versions
from tests.fakes.model_repository import ModelRepository
from tests.fakes.recorded_repositories import recorded
from tests.fakes.resolving import site_of

if TYPE_CHECKING:
    from modmirror.origin.port import Commit, Refs


class Failing(ModelRepository):
    """Its remote side is gone."""

    async def commit(self, commit_id: str) -> Commit | None:
        raise UpstreamUnavailable(self.url, f"{commit_id} cannot be fetched")


async def test_a_question_is_answered_from_the_repository() -> None:
    repository = recorded("ret")
    done = await ask(repository, partial(versions, site_of("ret")))
    assert isinstance(done, Done)
    assert done.result == ("v1.0.0", "v1.1.0", "v1.2.0")


async def test_every_kind_of_fact_can_be_asked_for() -> None:
    repository = recorded("ret")
    repository.tags["v1.2.0"] = repository.branches["main"]
    await ask(repository, partial(revision, site_of("ret"), "5a20238"))
    assert {question[0] for question in repository.asked} == {
        "refs",
        "find",
        "commit",
        "read",
        "tags_before",
    }


async def test_no_fact_is_asked_for_twice() -> None:
    for name in ("tags", "inc", "ret", "maj"):
        repository = recorded(name)
        await ask(repository, partial(revision, site_of(name), "main"))
        assert len(repository.asked) == len(set(repository.asked))


async def test_a_refusal_is_an_answer() -> None:
    refused = await ask(recorded("notag"), partial(revision, site_of("notag"), "nosuchbranch"))
    assert isinstance(refused, Refused)


async def test_a_failure_of_the_repository_is_never_a_refusal() -> None:
    repository = Failing()
    repository.add({"go.mod": "module github.com/u/m\n"})
    with pytest.raises(UpstreamUnavailable):
        await ask(repository, partial(revision, site_of("m"), "main"))
    with pytest.raises(UpstreamUnavailable):
        await ask(repository, partial(versions, site_of("m")))


async def test_a_go_mod_that_is_too_long_is_no_missing_go_mod() -> None:
    repository = ModelRepository()
    repository.tag(repository.add({"go.mod": b" " * ((16 << 20) + 1)}), "v1.0.0")
    with pytest.raises(UpstreamBadAnswer):
        await ask(repository, partial(revision, site_of("m"), "v1.0.0"))


def frozen(repository: ModelRepository) -> ModelRepository:
    """Let a repository hand out the same names as long as nobody asks its remote side."""
    names = repository.snapshot()

    async def refs() -> Refs:
        return names

    repository.refs = refs  # type: ignore[method-assign]  # the one thing that differs
    repository.asked.clear()
    return repository


async def test_what_was_learned_is_not_asked_again_while_the_names_stay() -> None:
    repository, learned = frozen(recorded("ret")), Learned()
    first = await ask(repository, partial(revision, site_of("ret"), "main"), learned)
    assert repository.asked
    repository.asked.clear()
    assert await ask(repository, partial(revision, site_of("ret"), "main"), learned) == first
    assert repository.asked == []


async def test_other_names_begin_anew() -> None:
    repository, learned = recorded("ret"), Learned()
    await ask(frozen(repository), partial(revision, site_of("ret"), "main"), learned)
    await ask(frozen(repository), partial(revision, site_of("ret"), "main"), learned)
    assert repository.asked


async def test_what_one_repository_says_is_not_said_of_another() -> None:
    learned = Learned()
    await ask(frozen(recorded("ret")), partial(revision, site_of("ret"), "main"), learned)
    other = frozen(recorded("ret"))
    await ask(other, partial(revision, site_of("ret"), "main"), learned)
    assert other.asked
