from __future__ import annotations

import asyncio

import pytest

from modmirror.singleflight import SingleFlight


class Work:
    """Counts its starts and ends when told to."""

    def __init__(self) -> None:
        self.starts = 0
        self.go = asyncio.Event()

    async def __call__(self) -> str:
        self.starts += 1
        await self.go.wait()
        return f"result {self.starts}"


async def test_callers_of_one_key_share_one_run() -> None:
    flights: SingleFlight[str, str] = SingleFlight()
    work = Work()
    callers = [asyncio.create_task(flights.run("k", work)) for _ in range(50)]
    await asyncio.sleep(0)
    work.go.set()
    results = await asyncio.gather(*callers)
    assert work.starts == 1
    assert [joined for _, joined in results].count(False) == 1
    assert {result for result, _ in results} == {"result 1"}


async def test_other_keys_run_on_their_own() -> None:
    flights: SingleFlight[str, str] = SingleFlight()
    work = Work()
    work.go.set()
    await asyncio.gather(flights.run("a", work), flights.run("b", work))
    assert work.starts == 2


async def test_a_result_is_not_kept() -> None:
    flights: SingleFlight[str, str] = SingleFlight()
    work = Work()
    work.go.set()
    await flights.run("k", work)
    assert await flights.run("k", work) == ("result 2", False)


async def test_a_caller_that_leaves_ends_nothing_for_the_others() -> None:
    flights: SingleFlight[str, str] = SingleFlight()
    work = Work()
    first = asyncio.create_task(flights.run("k", work))
    second = asyncio.create_task(flights.run("k", work))
    await asyncio.sleep(0)
    first.cancel()
    with pytest.raises(asyncio.CancelledError):
        await first
    work.go.set()
    assert await second == ("result 1", True)


async def test_a_failure_reaches_every_caller_and_is_forgotten() -> None:
    flights: SingleFlight[str, str] = SingleFlight()

    async def fail() -> str:
        await asyncio.sleep(0)
        raise ValueError("broken")

    results = await asyncio.gather(flights.run("k", fail), flights.run("k", fail), return_exceptions=True)
    assert [type(result) for result in results] == [ValueError, ValueError]
    work = Work()
    work.go.set()
    assert await flights.run("k", work) == ("result 1", False)


async def test_drain_waits_for_running_work() -> None:
    flights: SingleFlight[str, str] = SingleFlight()
    work = Work()
    task, _ = flights.start("k", work)
    asyncio.get_running_loop().call_soon(work.go.set)
    assert await flights.drain(5) == 0
    assert task.result() == "result 1"


async def test_drain_cancels_what_does_not_end_in_time() -> None:
    flights: SingleFlight[str, str] = SingleFlight()
    task, _ = flights.start("k", Work())
    assert await flights.drain(0.01) == 1
    assert task.cancelled()
