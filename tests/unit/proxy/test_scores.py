from __future__ import annotations

import asyncio

import pytest

from modmirror.errors import StorageError
from modmirror.measure.score import Prior
from modmirror.proxy.scores import KEY, MAX_AGE, SavedScores, format_scores, parse_scores
from modmirror.routing.router import Router
from modmirror.storage.documents import MemoryDocuments
from modmirror.storage.port import Document
from modmirror.telemetry.events import NullEvents
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
    await SavedScores(first, documents, clock, clock, NullEvents()).save()
    SavedScores(second, documents, clock, clock, NullEvents()).restore()
    assert second.snapshot(0.0) == KNOWN


def test_scores_of_last_week_are_worth_nothing() -> None:
    documents, clock = MemoryDocuments(), FakeClock()
    documents._documents[KEY] = Document(
        format_scores({"one": {"meta": Prior(0.1)}}), clock() - MAX_AGE, ""
    )
    made = router()
    SavedScores(made, documents, clock, clock, NullEvents()).restore()
    assert made.snapshot(0.0) == {"one": {}}


def test_a_first_start_knows_nothing() -> None:
    clock = FakeClock()
    SavedScores(router(), MemoryDocuments(), clock, clock, NullEvents()).restore()


async def test_scores_are_saved_now_and_then() -> None:
    documents, clock = MemoryDocuments(), FakeClock()
    pauses: list[float] = []

    async def sleep(seconds: float) -> None:
        pauses.append(seconds)
        await asyncio.sleep(0)
        if len(pauses) == 2:
            raise asyncio.CancelledError

    with pytest.raises(asyncio.CancelledError):
        await SavedScores(router(), documents, clock, clock, NullEvents()).run(sleep)
    assert pauses == [60.0, 60.0]
    assert documents.get(KEY) is not None


@pytest.mark.parametrize(
    "body", [b"", b"[]", b"{", b'{"one": 1}', b'{"one": {"meta": ["x"]}}', b'"text"', b"[" * 200_000]
)
def test_what_is_no_memory_of_ours_is_passed_over(body: bytes) -> None:
    assert parse_scores(body) == {}


@pytest.mark.parametrize("value", ["NaN", "Infinity", "-1", "0", "1e999", "1" + 400 * "0"])
def test_a_score_that_no_clock_measures_is_passed_over(value: str) -> None:
    body = b'{"one": {"meta": [%s, 0, 0], "zip-small": [0.5, 0, 0]}}' % value.encode()
    assert parse_scores(body) in ({"one": {"zip-small": Prior(0.5)}}, {})


class FullDocuments(MemoryDocuments):
    """A store that is full for a while."""

    full = True

    async def put(self, key: str, document: Document) -> None:
        if self.full:
            raise StorageError("no space is left")
        await super().put(key, document)


async def test_a_full_store_ends_neither_the_saving_nor_the_stopping() -> None:
    documents, clock = FullDocuments(), FakeClock()
    pauses: list[float] = []

    async def sleep(seconds: float) -> None:
        pauses.append(seconds)
        await asyncio.sleep(0)
        documents.full = len(pauses) < 2
        if len(pauses) == 3:
            raise asyncio.CancelledError

    saved = SavedScores(router(), documents, clock, clock, NullEvents())
    with pytest.raises(asyncio.CancelledError):
        await saved.run(sleep)
    assert documents.get(KEY) is not None
    documents.full = True
    await saved.save()
