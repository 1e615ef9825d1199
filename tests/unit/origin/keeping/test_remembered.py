from __future__ import annotations

import asyncio

import pytest

from modmirror.errors import UpstreamUnavailable
from modmirror.origin.keeping.remembered import Remembered


class Counter:
    """Answers with the number of the question; takes time, or fails, when told to."""

    def __init__(self) -> None:
        self.now = 0.0
        self.asked = 0
        self.takes = 0.0
        self.fails = False

    def ticks(self) -> float:
        return self.now

    async def ask(self) -> int:
        self.asked += 1
        await asyncio.sleep(0)
        self.now += self.takes
        if self.fails:
            raise UpstreamUnavailable("example.com", "no answer")
        return self.asked


@pytest.fixture
def counter() -> Counter:
    return Counter()


@pytest.fixture
def remembered(counter: Counter) -> Remembered[int]:
    return Remembered(counter.ask, 60.0, counter.ticks)


async def test_a_value_is_asked_for_again_only_when_old(
    counter: Counter, remembered: Remembered[int]
) -> None:
    assert await remembered.get() == 1
    counter.now += 59.9
    assert await remembered.get() == 1
    counter.now += 0.1
    assert await remembered.get() == 2


async def test_the_age_counts_from_the_question(counter: Counter, remembered: Remembered[int]) -> None:
    counter.takes = 60.0
    assert await remembered.get() == 1
    assert await remembered.get() == 2


async def test_a_renewal_asks_however_young_the_value_is(
    counter: Counter, remembered: Remembered[int]
) -> None:
    assert await remembered.get() == 1
    assert await remembered.renew() == 2
    assert await remembered.get() == 2
    assert counter.asked == 2


async def test_one_caller_asks_for_all(counter: Counter, remembered: Remembered[int]) -> None:
    found = tuple(await asyncio.gather(remembered.get(), remembered.renew(), remembered.get()))
    assert found == (1, 1, 1)
    assert counter.asked == 1


async def test_a_failure_is_raised_to_all_and_not_remembered(
    counter: Counter, remembered: Remembered[int]
) -> None:
    counter.fails = True
    found = await asyncio.gather(remembered.get(), remembered.get(), return_exceptions=True)
    assert [type(each) for each in found] == [UpstreamUnavailable] * 2
    assert counter.asked == 1
    counter.fails = False
    assert await remembered.get() == 2


async def test_the_age_is_that_of_the_question(counter: Counter, remembered: Remembered[int]) -> None:
    counter.takes = 5
    assert remembered.age == 0
    await remembered.get()
    assert remembered.age == 5
    counter.now += 20
    await remembered.get()
    assert remembered.age == 25
    counter.now += 40
    await remembered.get()
    assert remembered.age == 5
