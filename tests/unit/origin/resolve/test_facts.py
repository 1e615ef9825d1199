from __future__ import annotations

from datetime import UTC, datetime

import pytest

from modmirror.errors import NotExist
from modmirror.origin.port import Commit, Refs
from modmirror.origin.resolve.facts import (
    Case,
    Done,
    Facts,
    NeedCommit,
    NeedFile,
    NeedTagsBefore,
    Refused,
    Unknown,
    Wanted,
    take_step,
)
from tests.fakes.resolving import site_of

COMMIT = Commit("a" * 40, "a" * 12, datetime(2020, 1, 1, tzinfo=UTC))


def facts_of(tags: dict[str, str]) -> Facts:
    return Facts(Refs(COMMIT.id, {"main": COMMIT.id}, tags))


def test_a_learned_fact_can_be_had() -> None:
    facts = facts_of({})
    facts.learn(NeedCommit(COMMIT.id), COMMIT)
    facts.learn(NeedFile(COMMIT.id, "go.mod"), None)
    assert facts.get(NeedCommit(COMMIT.id)) == COMMIT
    assert facts.get(NeedFile(COMMIT.id, "go.mod")) is None


def test_all_that_is_missing_is_asked_for_at_once_and_once() -> None:
    facts = facts_of({})
    facts.learn(NeedCommit("a"), None)
    with pytest.raises(Unknown) as unknown:
        facts.require(NeedCommit("a"), NeedFile("a", "x"), NeedTagsBefore("a"), NeedFile("a", "x"))
    assert unknown.value.needs == (NeedFile("a", "x"), NeedTagsBefore("a"))


def test_what_takes_time_is_worked_out_once() -> None:
    facts, made = facts_of({}), [1, 2]
    assert [facts.derive("key", made.pop), facts.derive("key", made.pop)] == [2, 2]


def test_what_could_not_be_worked_out_is_tried_again() -> None:
    facts, need = facts_of({}), NeedCommit("a")
    with pytest.raises(Unknown):
        facts.derive("key", lambda: facts.get(need))
    facts.learn(need, COMMIT)
    assert facts.derive("key", lambda: facts.get(need)) == COMMIT


def test_tags_are_found_by_their_commit_in_order() -> None:
    facts = facts_of({"v2": "b", "z": "a", "a": "a"})
    assert (facts.tags_on("a"), facts.tags_on("c")) == (["a", "z"], [])


def test_a_step_is_an_answer_a_wish_or_a_refusal() -> None:
    facts = facts_of({})
    need = NeedCommit("a")

    def question(case: Case) -> Commit:
        case.note("looking")
        found = case.facts.get(need)
        if found is None:
            raise NotExist("there is none")
        return found

    assert take_step(question, site_of("m"), facts) == Wanted((need,))
    facts.learn(need, None)
    refused = take_step(question, site_of("m"), facts)
    assert isinstance(refused, Refused)
    assert (refused.error.reason, refused.trail) == ("there is none", ("looking",))
    facts.learn(need, COMMIT)
    assert take_step(question, site_of("m"), facts) == Done(COMMIT, ("looking",))


def test_what_was_learned_together_is_known_to_the_next() -> None:
    kept = facts_of({})
    first = kept.share()
    first.learn(NeedCommit(COMMIT.id), COMMIT)
    first.learn(NeedFile(COMMIT.id, "none"), None)
    first.derive("key", lambda: 1)
    kept.adopt(first)
    second = kept.share()
    second.require(NeedCommit(COMMIT.id), NeedFile(COMMIT.id, "none"))
    assert second.derive("key", lambda: 2) == 1


def test_a_commit_that_was_not_there_is_looked_for_again() -> None:
    kept = facts_of({})
    first = kept.share()
    first.learn(NeedCommit("gone"), None)
    first.derive("what follows from it", lambda: 1)
    kept.adopt(first)
    second = kept.share()
    with pytest.raises(Unknown):
        second.get(NeedCommit("gone"))
    assert second.derive("what follows from it", lambda: 2) == 2


def test_what_one_question_learns_does_not_change_another_that_is_running() -> None:
    kept = facts_of({})
    running, other = kept.share(), kept.share()
    other.learn(NeedCommit(COMMIT.id), COMMIT)
    kept.adopt(other)
    with pytest.raises(Unknown):
        running.get(NeedCommit(COMMIT.id))


def test_files_are_kept_within_bounds() -> None:
    kept = facts_of({})
    for number in range(3):
        shared = kept.share()
        shared.learn(NeedFile(COMMIT.id, f"{number}/go.mod"), bytes(400_000))
        kept.adopt(shared)
    with pytest.raises(Unknown):
        kept.get(NeedFile(COMMIT.id, "0/go.mod"))
