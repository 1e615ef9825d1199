from __future__ import annotations

import asyncio

import pytest

from modmirror.errors import ConfigError
from modmirror.server.ending import Ending
from tests.fakes.engine import FakeClock


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


async def test_the_first_signal_asks_and_starts_the_time(clock: FakeClock) -> None:
    ending = Ending(clock)
    assert not ending.asked.is_set()
    ending.ask()
    assert ending.asked.is_set()
    clock.advance(20)
    assert ending.left(60) == 40
    clock.advance(50)
    assert ending.left(60) == 0


async def test_the_second_signal_leaves_no_time(clock: FakeClock) -> None:
    ending = Ending(clock)
    ending.ask()
    ending.ask()
    assert ending.left(60) == 0


async def test_work_that_ends_by_itself_is_not_given_up(clock: FakeClock) -> None:
    async def work() -> int:
        await asyncio.sleep(0)
        return 3

    assert await Ending(clock).unless_hurried(work(), lambda: pytest.fail("given up")) == 3


async def test_work_that_fails_says_so(clock: FakeClock) -> None:
    async def work() -> int:
        raise ConfigError("server.port", "taken")

    with pytest.raises(ConfigError, match="taken"):
        await Ending(clock).unless_hurried(work(), lambda: 0)


async def test_the_second_signal_cancels_the_work_after_giving_up(clock: FakeClock) -> None:
    said: list[str] = []

    async def work() -> int:
        try:
            await asyncio.Event().wait()
        finally:
            said.append("cancelled")
        return 0

    def give_up() -> int:
        said.append("given up")
        return 7

    ending = Ending(clock)
    waiting = asyncio.create_task(ending.unless_hurried(work(), give_up))
    await asyncio.sleep(0)
    ending.ask()
    await asyncio.sleep(0)
    assert not waiting.done()
    ending.ask()
    assert await waiting == 7
    assert said == ["given up", "cancelled"]
