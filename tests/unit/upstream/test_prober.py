from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from modmirror.errors import UpstreamUnavailable
from modmirror.routing.plan import Question
from modmirror.telemetry.events import NullEvents
from modmirror.upstream.prober import Prober
from modmirror.upstream.race import RacedUpstream
from tests.fakes.engine import FakeClock
from tests.fakes.guided import CountingMetrics, guide_for, trip_for
from tests.fakes.waiting import WaitingUpstream, ready

if TYPE_CHECKING:
    from modmirror.upstream.guide import Guide

PATH = "x.y/m/@v/v1.0.0.info"


def probing(
    *upstreams: WaitingUpstream, traffic: int = 100
) -> tuple[Prober, Guide, CountingMetrics, FakeClock]:
    clock = FakeClock()
    guide, metrics = guide_for(*upstreams, clock=clock, scores=None)
    pool = tuple(each.name for each in upstreams)
    guide.answered(guide.admit(upstreams[0].name, panic=False), "meta", 0.1, PATH, pool)
    clock.now += 100.0
    for _ in range(traffic):
        guide.plan(Question(pool, "meta"))
    prober = Prober(guide, {each.name: each for each in upstreams}, [pool], metrics, NullEvents())
    return prober, guide, metrics, clock


async def until_counted(metrics: CountingMetrics, count: int) -> None:
    async with asyncio.timeout(10):
        while len(metrics.counted) < count:
            await asyncio.sleep(0)


async def test_the_unused_are_asked_for_something_their_pool_had() -> None:
    prober, guide, metrics, _ = probing(ready("one"), ready("two"), ready("three", status=404))
    prober.look()
    await until_counted(metrics, 3)
    assert sorted(metrics.counted) == [
        ("probed", "one", "ok"),
        ("probed", "three", "absent"),
        ("probed", "two", "ok"),
    ]
    assert guide.router.standings(guide.now()).upstreams[1].scores["meta"] is not None


async def test_without_anything_to_ask_for_nobody_is_asked() -> None:
    one = ready("one")
    guide, metrics = guide_for(one)
    prober = Prober(guide, {"one": one}, [("one",)], metrics, NullEvents())
    guide.plan(Question(("one",), "meta"))
    prober.look()
    assert one.asked == 0


async def test_two_good_trials_bring_a_sick_one_back() -> None:
    one, two = ready("one"), ready("two")
    prober, guide, metrics, clock = probing(one, two)
    for number in range(3):
        permit = guide.admit("two", panic=False)
        guide.failed(permit, "meta", 0.1, f"x.y/{number}/@v/list", UpstreamUnavailable("two", "reset"))
    clock.now += 1.0
    for _ in range(2):
        prober.look()
        await until_counted(metrics, len(metrics.counted) + 1)
        clock.now += 1.0
    assert guide.router.standings(clock()).upstreams[1].breaker == "closed"


async def test_a_failing_probe_is_counted_and_raises_nothing() -> None:
    one = ready("one", error=UpstreamUnavailable("one", "reset"))
    prober, _, metrics, _ = probing(one)
    prober.look()
    await until_counted(metrics, 1)
    assert metrics.counted == [("probed", "one", "failed")]


async def test_ending_leaves_no_probe_running() -> None:
    one = WaitingUpstream("one")
    prober, guide, _, _ = probing(one)
    running = asyncio.create_task(prober.run(lambda _: asyncio.sleep(0)))
    async with asyncio.timeout(10):
        while not one.open:
            await asyncio.sleep(0)
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    assert one.open == 0
    assert prober.standings.upstreams[0].upstream == "one"
    assert guide.router.standings(guide.now()).upstreams[0].running == 0


async def test_each_decision_is_logged_once() -> None:
    class Log(NullEvents):
        def warning(self, event: str, **facts: object) -> None:
            said.append(("warning", event, facts))

        def info(self, event: str, **facts: object) -> None:
            said.append(("info", event, facts))

    said: list[tuple[str, str, dict[str, object]]] = []
    clock, one = FakeClock(), ready("one")
    guide, metrics = guide_for(one, clock=clock)
    prober = Prober(guide, {"one": one}, [("one",)], metrics, Log())
    guide.plan(Question(("one",), "meta"))
    prober.look()
    for number in range(3):
        permit = guide.admit("one", panic=False)
        guide.failed(permit, "meta", 0.1, f"x.y/{number}/@v/list", UpstreamUnavailable("one", "reset"))
    for _ in range(3):
        prober.look()
    assert [(level, event, facts["subject"], facts["what"]) for level, event, facts in said] == [
        ("info", "routing changed", "meta", "asks one first"),
        ("warning", "routing changed", "one", "no longer asked"),
    ]


async def test_what_one_pool_had_is_named_to_nobody_outside_it() -> None:
    private, public = ready("private"), ready("public")
    clock = FakeClock()
    guide, metrics = guide_for(private, public, clock=clock, scores=None)
    inside, shared = ("private",), ("private", "public")
    trip = trip_for(guide, private)
    async with RacedUpstream(trip, private).get("corp.example/secret/@v/v1.0.0.info"):
        pass
    clock.now += 100.0
    for _ in range(100):
        guide.plan(Question(shared, "meta"))
    upstreams = {"private": private, "public": public}
    prober = Prober(guide, upstreams, [inside, shared], metrics, NullEvents())
    prober.look()
    await until_counted(metrics, 1)
    await asyncio.sleep(0)
    assert public.asked == 0
