"""Limits hold whatever the order of events, and nobody is forgotten."""

from __future__ import annotations

import asyncio

from hypothesis import given
from hypothesis import strategies as st

from modmirror.errors import Overloaded, TooManyRequests
from modmirror.proxy.slots import Slots
from modmirror.server.clientlimit import ClientLimit
from tests.fakes.engine import FakeClock


@given(
    st.lists(st.tuples(st.floats(0, 10), st.sampled_from(["192.0.2.1", "192.0.2.2"])), max_size=200),
    st.floats(0.1, 20),
    st.integers(1, 20),
)
def test_a_client_never_gets_more_than_its_burst_and_rate(
    requests: list[tuple[float, str]], rate: float, burst: int
) -> None:
    clock = FakeClock()
    limit = ClientLimit(rate, burst, clock)
    began, got = clock.now, {"192.0.2.1": 0, "192.0.2.2": 0}
    told: list[float] = []
    for pause, client in requests:
        clock.advance(pause)
        try:
            limit.take(client)
            got[client] += 1
        except TooManyRequests as refused:
            told.append(refused.retry_after)
        assert got[client] <= burst + rate * (clock.now - began) + 1e-6
    assert all(seconds >= 1 for seconds in told)


@given(
    st.integers(1, 4),
    st.floats(0.5, 20),
    st.lists(st.one_of(st.just("come"), st.just("go"), st.just("leave"), st.floats(0, 30)), max_size=60),
)
def test_no_more_run_than_there_are_places_and_everyone_is_answered(
    count: int, patience: float, steps: list[str | float]
) -> None:
    asyncio.run(_play(count, patience, steps))


class _Fills:
    """Fills in a pool, ended by hand."""

    def __init__(self, pool: Slots) -> None:
        self.pool = pool
        self.running: list[asyncio.Event] = []
        self.tasks: list[asyncio.Task[float]] = []

    def come(self) -> None:
        self.tasks.append(asyncio.create_task(self._fill()))

    def go(self) -> None:
        if self.running:
            self.running[0].set()

    def leave(self) -> None:
        if self.tasks:
            self.tasks[len(self.tasks) // 2].cancel()

    async def end(self) -> list[float]:
        """End all; return what each one was told: seconds when refused, else 0."""
        async with asyncio.timeout(10):
            while not all(task.done() for task in self.tasks):
                for done in self.running:
                    done.set()
                await asyncio.sleep(0)
        return [task.result() for task in self.tasks if not task.cancelled()]

    async def _fill(self) -> float:
        done = asyncio.Event()
        try:
            async with self.pool.hold():
                self.running.append(done)
                try:
                    await done.wait()
                finally:
                    self.running.remove(done)
        except Overloaded as refused:
            return refused.retry_after
        return 0.0


async def _play(count: int, patience: float, steps: list[str | float]) -> None:
    """Let fills come, end, be given up, and time pass; look after each step."""
    clock = FakeClock()
    fills = _Fills(Slots("upstream", count, patience, clock))
    pool = fills.pool
    for step in steps:
        if isinstance(step, float):
            clock.advance(step)
        else:
            {"come": fills.come, "go": fills.go, "leave": fills.leave}[step]()
        for _ in range(5):
            await asyncio.sleep(0)
        assert len(fills.running) <= count
        assert pool.waiting == 0 or len(fills.running) == count
    refused = [seconds for seconds in await fills.end() if seconds]
    assert len(refused) == pool.refused
    assert all(1 <= seconds <= max(1.0, patience) for seconds in refused)
    assert (pool.waiting, pool.expected_wait()) == (0, 0)
