from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from modmirror.errors import UpstreamStalled
from modmirror.routing.limits import StallRule
from modmirror.routing.outcome import Outcome
from modmirror.upstream.paced import PacedBody
from tests.fakes.engine import FakeClock
from tests.fakes.guided import guide_for
from tests.fakes.waiting import ready

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

ONE = ready("one")
RULE = StallRule(rate=100.0, seconds=10.0)


async def dripping(clock: FakeClock, *, size: int, every: float, count: int) -> AsyncIterator[bytes]:
    for _ in range(count):
        clock.now += every
        yield b"x" * size


def paced(clock: FakeClock, stall: StallRule | None, *, size: int, every: float, count: int) -> PacedBody:
    guide, _ = guide_for(ONE, clock=clock)
    return PacedBody(dripping(clock, size=size, every=every, count=count), guide, "one", "zip-small", stall)


async def read(body: PacedBody) -> int:
    return sum([len(chunk) async for chunk in body])


async def test_a_body_that_keeps_up_comes_whole() -> None:
    assert await read(paced(FakeClock(), RULE, size=1000, every=9.0, count=50)) == 50_000


async def test_a_body_that_drips_is_given_up() -> None:
    with pytest.raises(UpstreamStalled, match="below 100 bytes/s for 10 s"):
        await read(paced(FakeClock(), RULE, size=99, every=1.0, count=50))


async def test_without_a_rule_any_pace_will_do() -> None:
    assert await read(paced(FakeClock(), None, size=1, every=60.0, count=50)) == 50


async def silent() -> AsyncIterator[bytes]:
    yield b"x"
    await asyncio.Event().wait()


async def test_silence_is_given_up_too_and_costs_a_second_request() -> None:
    guide, _ = guide_for(ONE)
    before = guide.router.standings(0.0).hedge_tokens
    body = PacedBody(silent(), guide, "one", "zip-small", StallRule(rate=1.0, seconds=0.01))
    with pytest.raises(UpstreamStalled, match=r"nothing came for 0\.0 s"):
        await read(body)
    assert guide.router.standings(0.0).hedge_tokens == before - 1


async def test_silence_is_borne_as_long_as_the_start_of_an_answer_and_longer_without_a_token() -> None:
    guide, _ = guide_for(ONE)
    for _ in range(30):
        permit = guide.router.admit("one", 0.0)
        assert permit is not None
        guide.router.record(permit, Outcome("ok", "meta", 0.6), 0.0)
    body = PacedBody(silent(), guide, "one", "zip-small", StallRule(rate=1.0, seconds=15.0))
    assert body._patience() == pytest.approx(2.4)
    while guide.router.hedge():
        pass
    assert body._patience() == 15.0


async def test_a_slow_reader_is_not_the_upstreams_fault() -> None:
    clock = FakeClock()
    body = paced(clock, RULE, size=1000, every=1.0, count=20)
    size = 0
    async for chunk in body:
        clock.now += 100.0
        size += len(chunk)
    assert size == 20_000


async def test_a_whole_body_makes_the_rate() -> None:
    clock = FakeClock()
    guide, _ = guide_for(ONE, clock=clock)
    body = dripping(clock, size=10_000, every=1.0, count=10)
    await read(PacedBody(body, guide, "one", "zip-small", RULE))
    assert guide.router.standings(clock()).upstreams[0].rate == pytest.approx(10_000)
