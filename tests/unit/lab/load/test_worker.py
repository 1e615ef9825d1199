from __future__ import annotations

import asyncio
import subprocess
import sys
import time

import msgspec

from modmirror.lab.load.job import Ask, Counted
from modmirror.lab.load.worker import perform, planned
from modmirror.measure.histogram import Histogram
from tests.fakes.loaded import ASK, LoadedServer, job, loaded_server

STALL = 0.4


async def test_a_stall_is_seen_in_full_by_the_open_loop_and_hidden_by_the_closed_one() -> None:
    """A tenth of the time nothing is answered, as in 2 s of 20 s: P99 is most of the stall (lab.md 8.4)."""
    async with loaded_server() as server:
        begin = time.monotonic() + 0.1
        opened = asyncio.create_task(
            perform(job(server, begin, seconds=10 * STALL, rate=100.0, connections=256))
        )
        await asyncio.sleep(0.1 + STALL)
        await server.stand_still(STALL)
        counted = await opened
        response = Histogram.decode(counted.response).quantile(0.99)
        assert response is not None
        assert response >= 0.75 * STALL
        assert (counted.planned, counted.answered, counted.dropped) == (400, 400, 0)

        closed = asyncio.create_task(
            perform(job(server, time.monotonic(), loop="closed", seconds=3 * STALL, connections=1))
        )
        await asyncio.sleep(STALL)
        await server.stand_still(STALL)
        times = Histogram.decode((await closed).service)
        hidden = times.quantile(0.99)
        assert hidden is not None
        assert hidden < 0.5 * STALL
        assert (times.maximum or 0.0) >= 0.9 * STALL


async def test_the_same_seed_gives_the_same_plan() -> None:
    asks = (ASK, Ask(b"b", 1, ""))
    one = job(LoadedServer(), 5.0, asks=asks, arrivals="poisson", rate=50.0, seconds=2.0)
    plan = planned(one)
    assert plan == planned(one)
    assert {ask for _, ask in plan} == set(asks)
    assert all(5.0 <= instant < 7.0 for instant, _ in plan)
    assert plan != planned(msgspec.structs.replace(one, seed=2))


async def test_constant_arrivals_of_several_workers_interleave() -> None:
    early, late = (planned(job(LoadedServer(), 0.0, rate=10.0, offset=offset)) for offset in (0.0, 0.05))
    assert [round(instant, 3) for instant, _ in early] == [0.0, 0.1, 0.2]
    assert [round(instant, 3) for instant, _ in late] == [0.05, 0.15, 0.25]


async def test_a_worker_does_the_jobs_of_its_input_and_ends_with_it() -> None:
    async with loaded_server() as server:
        line = msgspec.json.encode(job(server, time.monotonic() + 0.5, seconds=0.1)) + b"\n"
        done = await asyncio.to_thread(
            subprocess.run,
            [sys.executable, "-m", "modmirror.lab.load.worker", "0"],
            input=line * 2,
            capture_output=True,
            timeout=60,
            check=True,
        )
    ready, *lines = done.stdout.splitlines()
    assert ready == b"ready"
    counted = [msgspec.json.decode(each, type=Counted) for each in lines]
    assert [each.planned for each in counted] == [20, 20]
    assert [each.answered for each in counted] == [20, 20]
    assert all(each.cpu > 0 for each in counted)
