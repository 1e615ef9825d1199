"""Places for fills: how long the wait may be, and that the two pools do not hinder each other."""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack

import pytest

from modmirror.errors import Overloaded
from modmirror.proxy.slots import Slots, SlottedUpstream
from tests.fakes.engine import FakeClock
from tests.fakes.script import ScriptedUpstream


def slots(clock: FakeClock, count: int = 1, patience: float = 60.0, name: str = "upstream") -> Slots:
    return Slots(name, count, patience, clock)


async def wait_until_waiting(pool: Slots, number: int) -> None:
    async with asyncio.timeout(10):
        while pool.waiting != number:
            await asyncio.sleep(0)


async def use(pool: Slots, clock: FakeClock, seconds: float) -> None:
    async with pool.hold():
        clock.advance(seconds)


async def test_those_that_wait_get_places_in_the_order_they_came() -> None:
    pool = slots(FakeClock())
    served: list[int] = []

    async def fill(number: int) -> None:
        async with pool.hold():
            served.append(number)

    async with pool.hold():
        tasks = [asyncio.create_task(fill(number)) for number in range(5)]
        await wait_until_waiting(pool, 5)
        assert served == []
    await asyncio.gather(*tasks)
    assert served == [0, 1, 2, 3, 4]
    assert (pool.waiting, pool.refused) == (0, 0)


async def test_a_free_place_is_no_wait_however_long_fills_take() -> None:
    clock = FakeClock()
    pool = slots(clock, count=2, patience=0.0)
    await use(pool, clock, 1000)
    assert pool.expected_wait() == 0
    await use(pool, clock, 1000)


async def test_the_wait_is_position_times_mean_time_over_places() -> None:
    clock = FakeClock()
    pool = slots(clock, count=2)
    await use(pool, clock, 10)
    async with pool.hold(), pool.hold():
        assert pool.expected_wait() == 5
        waiting = asyncio.create_task(use(pool, clock, 0))
        await wait_until_waiting(pool, 1)
        assert pool.expected_wait() == 10
    await waiting


async def test_a_hopeless_wait_is_refused_at_once_and_says_when_to_come_back() -> None:
    clock = FakeClock()
    pool = slots(clock, patience=30.0)
    await use(pool, clock, 31)
    async with pool.hold():
        with pytest.raises(Overloaded, match="1 upstream fills are running and 0 wait") as caught:
            await use(pool, clock, 0)
    assert caught.value.retry_after == 30
    assert (pool.waiting, pool.refused) == (0, 1)


async def test_fills_that_hang_count_with_the_time_they_have_taken_so_far() -> None:
    clock = FakeClock()
    pool = slots(clock, patience=30.0)
    await use(pool, clock, 1)
    async with pool.hold():
        clock.advance(100)
        with pytest.raises(Overloaded):
            await use(pool, clock, 0)


async def test_nobody_waits_longer_than_the_deadline_whatever_was_expected() -> None:
    pool = slots(FakeClock(), patience=0.0)
    async with pool.hold():
        with pytest.raises(Overloaded) as caught:
            await use(pool, FakeClock(), 0)
    assert caught.value.retry_after == 1
    assert pool.refused == 1


async def test_who_is_cancelled_in_the_queue_takes_no_place() -> None:
    pool = slots(FakeClock())
    async with pool.hold():
        waiting = asyncio.create_task(use(pool, FakeClock(), 0))
        await wait_until_waiting(pool, 1)
        waiting.cancel()
        await asyncio.gather(waiting, return_exceptions=True)
        assert pool.waiting == 0
    await use(pool, FakeClock(), 0)


async def test_a_fill_that_goes_on_to_a_repository_leaves_its_place_to_others() -> None:
    clock = FakeClock()
    pool, origin = slots(clock), slots(clock, name="origin")
    inner = ScriptedUpstream(name="direct")
    inner.say("x", b"made")
    direct = SlottedUpstream(inner, origin)
    async with AsyncExitStack() as first:
        await first.enter_async_context(pool.hold())
        await first.enter_async_context(direct.get("x"))
        assert origin.expected_wait() == 0.0  # nothing has taken any time yet
        async with asyncio.timeout(5):
            await use(pool, clock, 3)
    assert direct.name == "direct"
    await use(pool, clock, 0)
    await use(origin, clock, 0)


async def test_a_full_origin_pool_turns_away_only_what_needs_a_repository() -> None:
    clock = FakeClock()
    pool, origin = slots(clock), slots(clock, patience=30.0, name="origin")
    direct = SlottedUpstream(ScriptedUpstream(), origin)
    async with origin.hold():
        clock.advance(100)
        with pytest.raises(Overloaded, match="origin"):
            async with pool.hold(), direct.get("x"):
                raise AssertionError("there was no place")
        await use(pool, clock, 0)
    await direct.close()
