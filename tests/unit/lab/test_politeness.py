from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from modmirror.lab.engine.port import Limit, Request
from modmirror.lab.politeness import (
    NotOwned,
    PoliteEngine,
    Rules,
    VolumeSpent,
    require_free,
    retry_after,
)
from modmirror.lab.target import Target, parse_target
from tests.fakes.lab import JumpingClock, Wire, answered

PUBLIC = parse_target("https://mirror.example")
LOCAL = parse_target("http://127.0.0.1:8080")
WALL = 1_800_000_000.0


def polite(clock: JumpingClock, wire: Wire, rules: Rules | None = None) -> PoliteEngine:
    return PoliteEngine(wire, clock, lambda: WALL, rules)


async def test_a_foreign_host_is_asked_at_most_twice_a_second() -> None:
    clock = JumpingClock()
    engine = polite(clock, Wire(lambda request: answered(request, clock, 0.01)))
    began = clock.now()
    starts = [(await engine.fetch(Request(PUBLIC, "x"))).started - began for _ in range(5)]
    assert starts == pytest.approx([0.0, 0.5, 1.0, 1.5, 2.0])


async def test_two_targets_on_one_host_share_the_caps() -> None:
    clock = JumpingClock()
    engine = polite(clock, Wire(lambda request: answered(request, clock, 0.0)))
    began = clock.now()
    other = parse_target("https://mirror.example/cached-only")
    for target in (PUBLIC, other, PUBLIC):
        await engine.fetch(Request(target, "x"))
    assert clock.now() - began == pytest.approx(1.0)


async def test_a_foreign_host_is_asked_one_thing_at_a_time() -> None:
    clock = JumpingClock()
    wire = Wire(lambda request: answered(request, clock, 0.0), pause=True)
    engine = polite(clock, wire)
    await asyncio.gather(*(engine.fetch(Request(PUBLIC, "x")) for _ in range(4)))
    assert wire.most_at_once == 1
    await asyncio.gather(*(engine.fetch(Request(LOCAL, "x")) for _ in range(4)))
    assert wire.most_at_once == 4


@pytest.mark.parametrize("target", [LOCAL, replace(PUBLIC, owned=True)])
async def test_what_is_ones_own_is_asked_at_once(target: Target) -> None:
    clock = JumpingClock()
    engine = polite(clock, Wire(lambda request: answered(request, clock, 0.0, body=b"x" * 1000)))
    for _ in range(100):
        await engine.fetch(Request(target, "x", keep="bytes"))
    assert clock.waits == []


async def test_a_run_takes_no_more_than_its_volume_from_all_foreign_hosts() -> None:
    clock = JumpingClock()
    wire = Wire(lambda request: answered(request, clock, 0.0, body=b"x" * 40))
    engine = polite(clock, wire, Rules(volume=100))
    other = parse_target("https://other.example")
    for target in (PUBLIC, other, PUBLIC):
        await engine.fetch(Request(target, "x"))
    assert [request.limit.size for request in wire.asked] == [100, 60, 20]
    with pytest.raises(VolumeSpent, match="were fetched from mirrors that are not yours"):
        await engine.fetch(Request(other, "x"))
    assert (await engine.fetch(Request(LOCAL, "x"))).ok


async def test_a_smaller_limit_of_the_request_stays() -> None:
    clock = JumpingClock()
    wire = Wire(lambda request: answered(request, clock, 0.0))
    await polite(clock, wire).fetch(Request(PUBLIC, "x", limit=Limit(size=7)))
    assert wire.asked[0].limit.size == 7


async def test_retry_after_is_waited_out() -> None:
    clock = JumpingClock()
    busy = Wire(lambda request: answered(request, clock, 0.0, status=429, headers={"retry-after": "30"}))
    engine = polite(clock, busy)
    began = clock.now()
    await engine.fetch(Request(PUBLIC, "x"))
    second = await engine.fetch(Request(PUBLIC, "x"))
    assert second.started - began == pytest.approx(30.0)


async def test_a_host_that_wants_to_be_left_alone_for_long_is() -> None:
    clock = JumpingClock()
    wire = Wire(lambda request: answered(request, clock, 0.0, status=503, headers={"retry-after": "3600"}))
    engine = polite(clock, wire)
    await engine.fetch(Request(PUBLIC, "x"))
    second = await engine.fetch(Request(PUBLIC, "x"))
    assert (second.outcome, second.status) == ("4xx", None)
    assert second.reason == "not asked: it said 503 and to come back in 3600 s"
    assert len(wire.asked) == 1
    assert (await engine.fetch(Request(parse_target("https://other.example"), "x"))).status == 503


async def test_waiting_out_of_politeness_is_no_latency() -> None:
    clock = JumpingClock()
    engine = polite(clock, Wire(lambda request: answered(request, clock, 0.01)))
    intended = clock.now()
    for _ in range(3):
        fetched = await engine.fetch(Request(PUBLIC, "x", intended=intended))
    assert fetched.timing.total == pytest.approx(0.01)


async def test_a_connection_is_warm_after_two_requests() -> None:
    clock = JumpingClock()
    wire = Wire(lambda request: answered(request, clock, 0.0))
    engine = polite(clock, wire)
    assert await engine.warm(LOCAL, "x")
    assert [request.connection for request in wire.asked] == ["warm", "warm"]
    assert await engine.warm(LOCAL, "x")
    assert len(wire.asked) == 2


async def test_a_target_that_keeps_no_connection_is_found_out() -> None:
    clock = JumpingClock()
    wire = Wire(lambda request: answered(request, clock, 0.0), keeps=False)
    assert not await polite(clock, wire).warm(PUBLIC, "x")
    assert len(wire.asked) == 4


async def test_the_engine_is_closed_and_named_through_it() -> None:
    wire = Wire(lambda request: answered(request, JumpingClock()))
    engine = polite(JumpingClock(), wire)
    assert engine.name == wire.name
    await engine.close()
    assert wire.closed


def test_load_is_refused_for_what_is_not_declared_as_ones_own() -> None:
    require_free(LOCAL)
    require_free(replace(PUBLIC, owned=True))
    with pytest.raises(NotOwned, match="gets no load and no faults") as caught:
        require_free(PUBLIC)
    assert "owned = true" in caught.value.hint


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("0", 0.0),
        ("120", 120.0),
        ("Fri, 15 Jan 2027 08:00:30 GMT", 30.0),
        ("Fri, 15 Jan 2027 07:00:00 GMT", 0.0),
        ("soon", 0.0),
        ("-5", 0.0),
        ("٣", 0.0),
    ],
)
def test_retry_after_is_seconds_or_a_date(value: str, seconds: float) -> None:
    assert retry_after(value, WALL) == seconds
