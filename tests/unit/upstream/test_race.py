from __future__ import annotations

import asyncio
import time
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

import pytest

from modmirror.errors import NotExist, UpstreamBusy, UpstreamStalled, UpstreamTimeout, UpstreamUnavailable
from modmirror.routing.limits import MOST_TIMEOUT, StallRule
from modmirror.routing.outcome import Outcome
from modmirror.upstream.port import Reply
from modmirror.upstream.race import RacedUpstream
from tests.fakes.guided import CountingMetrics, guide_for, trip_for
from tests.fakes.waiting import WaitingUpstream, ready

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from modmirror.upstream.guide import Guide

PATH = "x.y/m/@v/v1.0.0.info"


def racing(*upstreams: WaitingUpstream, measured: bool = True) -> tuple[RacedUpstream, CountingMetrics]:
    guide, metrics = guide_for(*upstreams)
    trip = trip_for(guide, *upstreams, measured=measured)
    return RacedUpstream(trip, upstreams[0]), metrics


async def body_of(upstream: RacedUpstream, path: str = PATH) -> bytes:
    async with upstream.get(path) as reply:
        assert reply.status == 200
        return b"".join([chunk async for chunk in reply.body])


async def until_asked(upstream: WaitingUpstream) -> None:
    async with asyncio.timeout(10):
        while not upstream.asked:
            await asyncio.sleep(0.001)


def break_down(guide: Guide, name: str) -> None:
    """Open the breaker of one."""
    for number in range(3):
        permit = guide.admit(name, panic=False)
        guide.failed(permit, "meta", 0.1, f"x.y/{number}/@v/list", UpstreamUnavailable(name, "reset"))


class PausingUpstream(WaitingUpstream):
    """Answers at once, and goes on with the body when ``go`` is set."""

    @asynccontextmanager
    async def get(self, path: str, *, offset: int = 0, if_range: str = "") -> AsyncIterator[Reply]:
        self.asked += 1
        yield Reply(self.status, self._paused(), total=len(self.body), content_type="text/plain")

    async def _paused(self) -> AsyncIterator[bytes]:
        yield self.body[:1]
        await self.go.wait()
        yield self.body[1:]


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


# --- silence ---


async def test_silence_is_borne_no_longer_than_the_rule_says_where_another_is_well() -> None:
    one, two = PausingUpstream("one"), ready("two")
    guide, _ = guide_for(one, two)
    guide.stall = StallRule(rate=1.0, seconds=0.01)
    with pytest.raises(UpstreamStalled):
        await body_of(RacedUpstream(trip_for(guide, one, two), one))


@pytest.mark.parametrize("why", ["its breaker is open", "it has no such file"])
async def test_silence_is_borne_where_nobody_else_can_go_on(why: str) -> None:
    one, two = PausingUpstream("one", b"whole"), ready("two")
    guide, _ = guide_for(one, two)
    guide.stall = StallRule(rate=1.0, seconds=0.01)
    if why == "its breaker is open":
        break_down(guide, "two")
    trip = trip_for(guide, one, two)
    if why == "it has no such file":
        trip.said["two"] = NotExist("none")
    answer = asyncio.create_task(body_of(RacedUpstream(trip, one)))
    await until_asked(one)
    await asyncio.sleep(0.05)  # it would be given up after a fifth of that
    one.go.set()
    assert await answer == b"whole"
    assert guide.router.is_usable("one", guide.now())


async def test_many_long_waits_for_the_only_one_who_is_well_do_not_open_its_breaker(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    one, two = WaitingUpstream("one"), ready("two")
    guide, _ = guide_for(one, two)
    monkeypatch.setattr(guide.router, "timeout", lambda *_: 0.01)
    break_down(guide, "two")
    paths = [f"x.y/m{number}/@v/list" for number in range(12)]
    answers = [
        asyncio.create_task(body_of(RacedUpstream(trip_for(guide, one, two), one), path)) for path in paths
    ]
    await until_asked(one)
    await asyncio.sleep(0.05)  # each is overdue several times
    one.go.set()
    assert await asyncio.gather(*answers) == [b"body"] * len(paths)
    assert guide.router.is_usable("one", guide.now())


async def test_the_only_one_who_is_well_is_late_too_when_it_stays_silent(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    one, two = WaitingUpstream("one", b"from one"), ready("two")
    ahead = [0.0]
    guide, _ = guide_for(one, two, clock=lambda: time.monotonic() + ahead[0])
    monkeypatch.setattr(guide.router, "timeout", lambda *_: 0.01)
    busy = UpstreamBusy("two", "status 429", retry_after=3600.0)
    guide.failed(guide.admit("two", panic=False), "meta", 0.1, PATH, busy)
    answer = asyncio.create_task(body_of(RacedUpstream(trip_for(guide, one, two), one)))
    await until_asked(one)
    ahead[0] = MOST_TIMEOUT
    async with asyncio.timeout(10):
        while "no answer within" not in guide.router.standings(guide.now()).upstreams[0].reason:
            await asyncio.sleep(0.001)
    one.go.set()
    assert await answer == b"from one"


async def test_a_trial_has_no_longer_than_other_requests(monkeypatch: pytest.MonkeyPatch) -> None:
    one, two = WaitingUpstream("one", b"from one"), WaitingUpstream("two")
    ahead = [0.0]
    guide, _ = guide_for(one, two, clock=lambda: time.monotonic() + ahead[0])
    monkeypatch.setattr(guide.router, "timeout", lambda *_: 0.01)
    break_down(guide, "one")
    break_down(guide, "two")
    ahead[0] = 2.0  # the pauses of their breakers are over
    answer = asyncio.create_task(body_of(RacedUpstream(trip_for(guide, one, two), one)))
    await until_asked(two)
    assert guide.router.standings(guide.now()).upstreams[0].breaker == "open"
    one.go.set()
    assert await answer == b"from one"


async def test_while_the_only_hope_is_silent_one_who_was_sick_is_tried(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    one, two = WaitingUpstream("one"), ready("two", b"from two")
    ahead = [0.0]
    guide, _ = guide_for(one, two, clock=lambda: time.monotonic() + ahead[0])
    monkeypatch.setattr(guide.router, "timeout", lambda *_: 0.01)
    break_down(guide, "two")
    answer = asyncio.create_task(body_of(RacedUpstream(trip_for(guide, one, two), one)))
    await until_asked(one)
    ahead[0] = 2.0  # the pause of its breaker is over
    async with asyncio.timeout(10):
        assert await answer == b"from two"
    assert guide.router.is_usable("one", guide.now())


async def test_the_rest_of_a_file_that_nobody_else_has_is_asked_of_one_whose_breaker_opened() -> None:
    one, two = ready("one"), ready("two", status=404)
    guide, _ = guide_for(one, two)
    trip = trip_for(guide, one, two)
    raced = RacedUpstream(trip, one)
    await body_of(raced)
    break_down(guide, "one")
    with pytest.raises(UpstreamUnavailable, match="not asked"):
        await body_of(raced)
    trip.said = {"one": UpstreamStalled("one", "nothing came"), "two": NotExist("none")}
    assert await body_of(raced) == b"body"
