from __future__ import annotations

import asyncio

import pytest

from modmirror.origin.coalesce import Coalesced


class Work:
    """Counts how often it is begun, and ends when told to."""

    def __init__(self) -> None:
        self.begun = 0
        self.go = asyncio.Event()
        self.error: Exception | None = None

    async def __call__(self) -> int:
        self.begun += 1
        await self.go.wait()
        if self.error is not None:
            raise self.error
        return self.begun


async def test_callers_at_once_share_one_piece_of_work() -> None:
    coalesced, work = Coalesced(), Work()
    callers = [asyncio.create_task(coalesced.run("key", work)) for _ in range(5)]
    await asyncio.sleep(0)
    work.go.set()
    assert await asyncio.gather(*callers) == [1] * 5


async def test_other_keys_are_other_work() -> None:
    coalesced, work = Coalesced(), Work()
    work.go.set()
    await asyncio.gather(coalesced.run("one", work), coalesced.run("two", work))
    assert work.begun == 2


async def test_a_result_is_not_kept() -> None:
    coalesced, work = Coalesced(), Work()
    work.go.set()
    assert [await coalesced.run("key", work), await coalesced.run("key", work)] == [1, 2]


async def test_a_caller_who_leaves_does_not_end_it_for_others() -> None:
    coalesced, work = Coalesced(), Work()
    first = asyncio.create_task(coalesced.run("key", work))
    second = asyncio.create_task(coalesced.run("key", work))
    await asyncio.sleep(0)
    first.cancel()
    work.go.set()
    assert await second == 1
    assert first.cancelled()


async def test_a_failure_reaches_everyone_who_waits_and_nobody_after() -> None:
    coalesced, work = Coalesced(), Work()
    work.error = ValueError("no")
    callers = [asyncio.create_task(coalesced.run("key", work)) for _ in range(2)]
    await asyncio.sleep(0)
    work.go.set()
    assert [type(result) for result in await asyncio.gather(*callers, return_exceptions=True)] == [
        ValueError
    ] * 2
    work.error = None
    assert await coalesced.run("key", work) == 2


async def test_a_failure_that_nobody_waits_for_is_silent() -> None:
    coalesced, work = Coalesced(), Work()
    work.error = ValueError("no")
    caller = asyncio.create_task(coalesced.run("key", work))
    await asyncio.sleep(0)
    caller.cancel()
    work.go.set()
    with pytest.raises(asyncio.CancelledError):
        await caller
    await asyncio.sleep(0)
