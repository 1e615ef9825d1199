from __future__ import annotations

import asyncio

import pytest

from modmirror.server.exchange import LEFT, SHUTDOWN
from tests.fakes.exchanges import RecordingExchange


async def test_cutting_cancels_the_task_that_answers_and_says_why() -> None:
    exchange = RecordingExchange("/x")

    async def answer() -> None:
        exchange.begin()
        await asyncio.Event().wait()

    task = asyncio.create_task(answer())
    await asyncio.sleep(0)
    exchange.cut(LEFT)
    with pytest.raises(asyncio.CancelledError):
        await task
    assert exchange.aborted == LEFT


async def test_the_first_reason_stands() -> None:
    exchange = RecordingExchange("/x")
    exchange.begin()
    exchange.cut(LEFT)
    exchange.cut(SHUTDOWN)
    assert exchange.aborted == LEFT
    with pytest.raises(asyncio.CancelledError):
        await asyncio.sleep(0)


async def test_an_answer_that_has_ended_cannot_be_cut_off() -> None:
    exchange = RecordingExchange("/x")
    exchange.begin()
    exchange.end()
    exchange.cut(LEFT)
    await asyncio.sleep(0)
    assert exchange.aborted == ""


def test_head_wants_only_headers() -> None:
    assert RecordingExchange("/x", "HEAD").is_head
    assert not RecordingExchange("/x").is_head
