from __future__ import annotations

import asyncio
import time
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

import pytest

from modmirror.errors import NotExist, UpstreamTimeout, UpstreamUnavailable
from modmirror.routing.outcome import Outcome
from modmirror.upstream.race import RacedUpstream
from tests.fakes.guided import CountingMetrics, guide_for, trip_for
from tests.fakes.waiting import WaitingUpstream, ready

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from modmirror.upstream.port import Reply

PATH = "x.y/m/@v/v1.0.0.info"


def racing(*upstreams: WaitingUpstream, measured: bool = True) -> tuple[RacedUpstream, CountingMetrics]:
    guide, metrics = guide_for(*upstreams)
    trip = trip_for(guide, *upstreams, measured=measured)
    return RacedUpstream(trip, upstreams[0]), metrics


async def body_of(upstream: RacedUpstream) -> bytes:
    async with upstream.get(PATH) as reply:
        assert reply.status == 200
        return b"".join([chunk async for chunk in reply.body])


async def until_asked(upstream: WaitingUpstream) -> None:
    async with asyncio.timeout(10):
        while not upstream.asked:
            await asyncio.sleep(0.001)


async def test_a_quick_answer_asks_nobody_else() -> None:
    one, two = ready("one", b"from one"), ready("two")
    raced, metrics = racing(one, two)
    assert await body_of(raced) == b"from one"
    assert (raced.name, two.asked, one.open) == ("one", 0, 0)
    assert metrics.counted == []


async def test_a_slow_one_is_joined_by_a_second_and_left_at_its_first_byte() -> None:
    one, two = WaitingUpstream("one"), ready("two", b"from two")
    raced, metrics = racing(one, two)
    async with raced.get(PATH) as reply:
        assert raced.name == "two"
        assert one.open == 0
        assert b"".join([chunk async for chunk in reply.body]) == b"from two"
    assert metrics.counted == [("hedged", "won")]


async def test_the_first_may_still_win() -> None:
    one, two = WaitingUpstream("one", b"from one"), WaitingUpstream("two")
    raced, metrics = racing(one, two)
    answer = asyncio.create_task(body_of(raced))
    await until_asked(two)
    one.go.set()
    assert await answer == b"from one"
    assert (two.open, metrics.counted) == (0, [("hedged", "lost")])


async def test_an_absence_is_no_win_while_another_is_being_asked() -> None:
    one, two = WaitingUpstream("one", b"from one"), ready("two", status=404)
    raced, _ = racing(one, two)
    answer = asyncio.create_task(body_of(raced))
    await until_asked(two)
    one.go.set()
    assert await answer == b"from one"


async def test_a_second_one_that_fails_is_replaced_while_the_first_is_silent() -> None:
    one, two, three = WaitingUpstream("one"), ready("two", status=500), ready("three", b"from three")
    raced, metrics = racing(one, two, three)
    assert await body_of(raced) == b"from three"
    assert (two.asked, one.open) == (1, 0)
    assert metrics.counted == [("hedged", "lost"), ("retried", "retried")]


async def test_when_nobody_has_it_the_first_one_speaks_and_the_others_are_remembered() -> None:
    one, two = WaitingUpstream("one", status=404), ready("two", status=500)
    guide, _ = guide_for(one, two)
    trip = trip_for(guide, one, two)
    answer = asyncio.create_task(body_of(RacedUpstream(trip, one)))
    await until_asked(two)
    one.go.set()
    with pytest.raises(NotExist):
        await answer
    assert isinstance(trip.said["two"], UpstreamUnavailable)


async def test_an_error_is_raised_at_once_when_nobody_else_is_running() -> None:
    raced, _ = racing(ready("one", error=UpstreamTimeout("one", "silent")), ready("two"))
    with pytest.raises(UpstreamTimeout, match="silent"):
        await body_of(raced)


async def test_whoever_answered_is_asked_for_the_rest() -> None:
    one, two = WaitingUpstream("one"), ready("two")
    raced, _ = racing(one, two)
    await body_of(raced)
    await body_of(raced)
    assert (one.asked, two.asked) == (1, 2)


async def test_a_declared_order_knows_no_second_request() -> None:
    one, two = WaitingUpstream("one", b"from one"), ready("two")
    raced, _ = racing(one, two, measured=False)
    answer = asyncio.create_task(body_of(raced))
    await until_asked(one)
    await asyncio.sleep(0.05)
    one.go.set()
    assert await answer == b"from one"
    assert two.asked == 0


async def test_an_upstream_with_an_open_breaker_is_not_asked() -> None:
    one = ready("one", error=UpstreamUnavailable("one", "connection refused"))
    guide, _ = guide_for(one)
    trips = [trip_for(guide, one, measured=False) for _ in range(4)]
    for trip in trips[:3]:
        with pytest.raises(UpstreamUnavailable):
            await body_of(RacedUpstream(trip, one))
    with pytest.raises(UpstreamUnavailable, match="not asked: connection refused"):
        await body_of(RacedUpstream(trips[3], one))
    assert one.asked == 3


async def test_a_client_that_leaves_leaves_nothing_running() -> None:
    one, two = WaitingUpstream("one"), WaitingUpstream("two")
    guide, _ = guide_for(one, two)
    answer = asyncio.create_task(body_of(RacedUpstream(trip_for(guide, one, two), one)))
    await until_asked(two)
    answer.cancel()
    with pytest.raises(asyncio.CancelledError):
        await answer
    assert (one.open, two.open) == (0, 0)
    assert [each.running for each in guide.router.standings(guide.now()).upstreams] == [0, 0]


async def test_leaving_while_the_losers_are_left_closes_the_winner_too() -> None:
    class Reluctant(WaitingUpstream):
        """Takes its time to be left."""

        @asynccontextmanager
        async def get(self, path: str, *, offset: int = 0, if_range: str = "") -> AsyncIterator[Reply]:
            try:
                async with super().get(path, offset=offset, if_range=if_range) as reply:
                    yield reply
            finally:
                leaving.set()
                await asyncio.sleep(0.05)

    leaving = asyncio.Event()
    one, two = Reluctant("one"), ready("two")
    guide, metrics = guide_for(one, two)
    answer = asyncio.create_task(body_of(RacedUpstream(trip_for(guide, one, two), one)))
    async with asyncio.timeout(10):
        await leaving.wait()
    answer.cancel()
    with pytest.raises(asyncio.CancelledError):
        await answer
    assert (one.open, two.open) == (0, 0)
    assert all(each.running == 0 for each in guide.router.standings(guide.now()).upstreams)
    assert metrics.counted == [("hedged", "won")]


async def test_a_second_one_that_was_left_gets_no_worse_for_it() -> None:
    one, two = WaitingUpstream("one", b"from one"), WaitingUpstream("two")
    ahead = [0.0]
    guide, _ = guide_for(one, two, clock=lambda: time.monotonic() + ahead[0])
    guide.router.record(guide.admit("two", panic=False), Outcome("ok", "meta", 0.01), guide.now())
    answer = asyncio.create_task(body_of(RacedUpstream(trip_for(guide, one, two), one)))
    await until_asked(two)
    ahead[0] = 5.0
    one.go.set()
    assert await answer == b"from one"
    known = guide.router.standings(guide.now()).upstreams[1]
    assert (known.upstream, known.scores["meta"], known.running) == ("two", 0.01, 0)
