from __future__ import annotations

import time
from datetime import datetime, timedelta

from modmirror.lab.clock import SystemClock, today


async def test_waiting_ends_at_the_instant_and_not_before() -> None:
    clock = SystemClock()
    instant = clock.now() + 0.01
    await clock.sleep_until(instant)
    assert clock.now() >= instant


async def test_an_instant_that_is_over_is_not_waited_for() -> None:
    clock = SystemClock()
    await clock.sleep_until(clock.now() - 3600)


def test_the_clock_is_the_one_of_the_event_loop() -> None:
    before = time.monotonic()
    assert before <= SystemClock().now() <= time.monotonic()


def test_today_says_its_zone() -> None:
    assert datetime.fromisoformat(today()).utcoffset() == timedelta(0)
