from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from modmirror.lab.bench.cases import BenchModule
from modmirror.lab.watch.gauges import WatchMetrics
from modmirror.lab.watch.rounds import Patience
from modmirror.lab.watch.watching import SPREAD, Pace, Watch
from tests.fakes.lab import JumpingClock, answered, scripted_lab, targets_named

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

    from modmirror.lab.bundle import Lab
    from modmirror.lab.engine.port import Fetched, Request
    from modmirror.lab.watch.rounds import Look


class Told:
    def __init__(self) -> None:
        self.lags: list[tuple[str, float | None]] = []

    def __call__(self, look: Look, lag: float | None) -> None:
        self.lags.append((look.target, lag))


def lists(request: Request, clock: JumpingClock) -> Fetched:
    return answered(request, clock, body=b"v1.0.0\n")


def watch_of(told: Callable[[Look, float | None], None], labs: Callable[[], Lab]) -> Watch:
    @asynccontextmanager
    async def opened() -> AsyncIterator[Lab]:
        yield labs()

    module = BenchModule("example.com/lib", "v1.0.0")
    return Watch(opened, module, Patience(lambda: 0.0), WatchMetrics(), told)


async def test_there_are_as_many_rounds_as_were_asked_for() -> None:
    told = Told()
    watch = watch_of(told, lambda: scripted_lab(targets_named("a", "b"), lists))
    assert await watch.run(Pace(60.0, 3), JumpingClock(), asyncio.Event()) == 3
    assert len(told.lags) == 6


async def test_rounds_begin_at_the_pace_give_or_take() -> None:
    clock = JumpingClock()
    watch = watch_of(Told(), lambda: scripted_lab(targets_named("a"), lists))
    await watch.run(Pace(60.0, 2), clock, asyncio.Event())
    (wait,) = clock.waits
    assert 60 * (1 - SPREAD) <= wait <= 60 * (1 + SPREAD)


async def test_stop_ends_it_after_the_round() -> None:
    stop = asyncio.Event()
    watch = watch_of(lambda _look, _lag: stop.set(), lambda: scripted_lab(targets_named("a"), lists))
    assert await watch.run(Pace(60.0), JumpingClock(), stop) == 1


async def test_stop_ends_a_pause() -> None:
    class Endless(JumpingClock):
        async def sleep_until(self, instant: float) -> None:
            stop.set()
            await asyncio.Event().wait()

    stop = asyncio.Event()
    watch = watch_of(Told(), lambda: scripted_lab(targets_named("a"), lists))
    assert await asyncio.wait_for(watch.run(Pace(60.0), Endless(), stop), 5) == 1


async def test_a_version_that_only_one_mirror_lists_is_a_lag_of_the_other() -> None:
    def unlike(request: Request, clock: JumpingClock) -> Fetched:
        return answered(
            request, clock, body=b"v1.0.0\n" if request.target.name == "slow" else b"v1.0.0\nv1.1.0\n"
        )

    clock = JumpingClock()
    told = Told()
    watch = watch_of(told, lambda: scripted_lab(targets_named("fast", "slow"), unlike))
    await watch.run(Pace(60.0, 2), clock, asyncio.Event())
    last = dict(told.lags)
    assert last["fast"] == 0
    assert last["slow"] == clock.waits[0]


async def test_a_mirror_that_is_down_does_not_end_the_watch() -> None:
    def down(request: Request, clock: JumpingClock) -> Fetched:
        return answered(request, clock, status=503)

    told = Told()
    watch = watch_of(told, lambda: scripted_lab(targets_named("a"), down))
    assert await watch.run(Pace(60.0, 2), JumpingClock(), asyncio.Event()) == 2
    assert told.lags == [("a", None), ("a", None)]
