"""The watch over hot modules."""

from __future__ import annotations

import asyncio
import json

from modmirror.mod.path import ModulePath
from modmirror.proxy.hot import LOOK_EVERY, ROUND_EVERY, HotModules
from modmirror.proxy.prefetch import FIRST_BYTES, Allowance, Prefetch
from modmirror.proxy.settings import HotSettings
from tests.fakes.engine import Engine, make_engine
from tests.fakes.script import ScriptedUpstream

M = ModulePath("x.y/m")


class Demand:
    """What clients asked for, as a test says."""

    def __init__(self) -> None:
        self.asked: dict[str, int] = {}
        self.fetched = 0

    def take(self) -> tuple[dict[str, int], int]:
        asked, fetched = self.asked, self.fetched
        self.asked, self.fetched = {}, 0
        return asked, fetched


def watch(engine: Engine, demand: Demand, *, enabled: bool = True) -> HotModules:
    async def sleep(seconds: float) -> None:
        engine.clock.advance(seconds)
        await asyncio.sleep(0)

    prefetch = Prefetch(engine.mirror, Allowance(0.1), lambda: 0.5, lambda _: None)
    settings = HotSettings(enabled=enabled, threshold=3, modules=1)
    return HotModules(settings, engine.tools.routes, prefetch, demand.take, engine.clock, sleep)


async def test_modules_above_the_threshold_are_hot_and_no_more_than_allowed() -> None:
    engine, demand = make_engine(ScriptedUpstream()), Demand()
    hot = watch(engine, demand)
    demand.asked, demand.fetched = {M: 3, "x.y/cold": 2, "x.y/warm": 3}, 5_000
    hot.look()
    assert hot.hot() == [M]
    assert hot.prefetch.allowance.left == FIRST_BYTES + 500
    await engine.close()


async def test_it_looks_each_second_and_prefetches_in_rounds_until_cancelled() -> None:
    engine, demand = make_engine(ScriptedUpstream()), Demand()
    hot = watch(engine, demand)
    demand.asked = {M: 3}
    task = asyncio.create_task(hot.run())
    began = engine.clock.now
    async with asyncio.timeout(10):
        while engine.clock.now < began + 4 * (LOOK_EVERY + ROUND_EVERY):
            await asyncio.sleep(0)
    assert hot.hot() == [M]
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    assert task.cancelled()
    await engine.close()


async def test_the_page_tells_counts_with_their_bounds() -> None:
    engine, demand = make_engine(ScriptedUpstream(), sumdb="verify"), Demand()
    hot = watch(engine, demand)
    demand.asked = {M: 3}
    hot.look()
    told = json.loads(json.dumps(hot.as_json()))
    assert told["modules"] == [
        {
            "module": M,
            "hot": True,
            "last_minute": 3,
            "in_window": 3,
            "last_hour": 3,
            "last_hour_at_most": 3,
        }
    ]
    assert told["prefetch"] == {"enabled": True, "bytes": 0, "bytes_left": FIRST_BYTES}
    await engine.close()


async def test_private_modules_are_not_named() -> None:
    engine, demand = make_engine(ScriptedUpstream(), sumdb="off"), Demand()
    hot = watch(engine, demand, enabled=False)
    demand.asked = {M: 3}
    hot.look()
    told = hot.as_json()
    assert (told["modules"], told["candidates"], told["private_modules_left_out"]) == ([], [], 1)
    await engine.close()
