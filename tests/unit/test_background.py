from __future__ import annotations

import asyncio

from modmirror import background
from tests.fakes.sinks import ListedEvents


async def test_a_bug_is_logged_under_the_name_of_the_work() -> None:
    events = ListedEvents()

    async def work() -> None:
        raise ZeroDivisionError("the bug")

    task = background.begin(work(), "counting", events)
    await asyncio.wait([task])
    ((level, event, facts),) = events.seen
    assert (level, event, facts["work"]) == ("error", "bug in background work", "counting")
    assert isinstance(facts["error"], ZeroDivisionError)
    await background.end(task)


async def test_work_that_is_ended_is_gone_and_no_bug() -> None:
    events, left = ListedEvents(), asyncio.Event()

    async def work() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            left.set()

    task = background.begin(work(), "waiting", events)
    await asyncio.sleep(0)
    await background.end(task)
    assert task.cancelled()
    assert left.is_set()
    assert events.seen == []
