from __future__ import annotations

import asyncio

import pytest

from modmirror.measure.score import Prior
from modmirror.proxy.scores import KEY, MAX_AGE, SavedScores, format_scores, parse_scores
from modmirror.routing.router import Router
from modmirror.storage.documents import MemoryDocuments
from modmirror.storage.port import Document
from tests.fakes.chance import Fixed
from tests.fakes.engine import FakeClock

KNOWN = {"one": {"meta": Prior(0.1, 2.0, 0.3)}}


def router() -> Router:
    made = Router(Fixed())
    made.add("one")
    return made


async def test_what_is_saved_is_restored_by_the_next_process() -> None:
    documents, clock = MemoryDocuments(), FakeClock()
    first, second = router(), router()
    first.restore({"one": {"meta": Prior(0.1, 2.0, 0.3)}})
    await SavedScores(first, documents, clock, clock).save()
    SavedScores(second, documents, clock, clock).restore()
    assert second.snapshot(0.0) == KNOWN


def test_scores_of_last_week_are_worth_nothing() -> None:
    documents, clock = MemoryDocuments(), FakeClock()
    documents._documents[KEY] = Document(
        format_scores({"one": {"meta": Prior(0.1)}}), clock() - MAX_AGE, ""
    )
    made = router()
    SavedScores(made, documents, clock, clock).restore()
    assert made.snapshot(0.0) == {"one": {}}


def test_a_first_start_knows_nothing() -> None:
    clock = FakeClock()
    SavedScores(router(), MemoryDocuments(), clock, clock).restore()


async def test_scores_are_saved_now_and_then() -> None:
    documents, clock = MemoryDocuments(), FakeClock()
    pauses: list[float] = []

    async def sleep(seconds: float) -> None:
        pauses.append(seconds)
        await asyncio.sleep(0)
        if len(pauses) == 2:
            raise asyncio.CancelledError

    with pytest.raises(asyncio.CancelledError):
        await SavedScores(router(), documents, clock, clock).run(sleep)
    assert pauses == [60.0, 60.0]
    assert documents.get(KEY) is not None


@pytest.mark.parametrize("body", [b"", b"[]", b"{", b'{"one": 1}', b'{"one": {"meta": ["x"]}}', b'"text"'])
def test_what_is_no_memory_of_ours_is_passed_over(body: bytes) -> None:
    assert parse_scores(body) == {}
