from __future__ import annotations

import asyncio
import time

import pytest

from modmirror.lab.load.alarm import Alarm

LIMIT = 10.0


async def test_it_rings_at_the_instant_that_was_set_last_and_not_before() -> None:
    rung = asyncio.Event()
    alarm = Alarm(asyncio.get_running_loop(), rung.set)
    try:
        alarm.set(time.monotonic() + 60)
        due = time.monotonic() + 0.02
        alarm.set(due)
        await asyncio.wait_for(rung.wait(), LIMIT)
        assert time.monotonic() >= due
    finally:
        alarm.close()


@pytest.mark.parametrize("instant", [0.0, -5.0, 1.0])
async def test_an_instant_that_is_over_rings_at_once(instant: float) -> None:
    rung = asyncio.Event()
    alarm = Alarm(asyncio.get_running_loop(), rung.set)
    try:
        alarm.set(instant)
        await asyncio.wait_for(rung.wait(), LIMIT)
    finally:
        alarm.close()
