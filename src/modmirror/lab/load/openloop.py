"""The open loop: requests begin when they were meant to, whatever became of those before (lab.md 2.1).

A server that stands still is asked all the same, so that its standing still enters as often as clients
would have met it. What finds no room under way is counted as dropped and never sent late.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from modmirror.lab.load.alarm import Alarm
from modmirror.lab.load.lanes import CannotConnect

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from modmirror.lab.load.job import Ask
    from modmirror.lab.load.lane import Exchange, Lane
    from modmirror.lab.load.lanes import Lanes
    from modmirror.lab.load.tally import Tally
    from modmirror.measure.sample import Outcome

FIRST_LANES = 16
"""Connections that are open before the first request."""
HASHED = 50
"""Of so many answers, the content of one is looked at."""
_LOOK = 0.1
"""Seconds between two looks for requests that take too long."""


class OpenLoop:
    """Sends one step of load."""

    def __init__(
        self, lanes: Lanes, tally: Tally, now: Callable[[], float], *, most: int, timeout: float
    ) -> None:
        """``most`` requests are under way at once."""
        self._lanes = lanes
        self._tally = tally
        self._now = now
        self._most = most
        self._timeout = timeout
        self._idle: list[Lane] = []
        self._under_way = 0
        self._opening: set[asyncio.Task[None]] = set()
        self._next = 0
        self._plan: Sequence[tuple[float, Ask]] = ()
        self._over = asyncio.Event()

    async def run(self, plan: Sequence[tuple[float, Ask]]) -> None:
        """Send everything at its instant, and wait for the answers, ``timeout`` at most."""
        if not plan:
            return
        self._plan = plan
        self._tally.planned = len(plan)
        self._tally.planned_span = plan[-1][0] - plan[0][0]
        await self._prepare()
        alarm = Alarm(asyncio.get_running_loop(), self._wake)
        self._alarm = alarm
        alarm.set(plan[0][0])
        try:
            await self._finish()
        finally:
            alarm.close()
            for task in self._opening:
                task.cancel()
            await asyncio.gather(*self._opening, return_exceptions=True)
            self._lanes.close()

    # --- a lane calls these ---

    def answered(self, lane: Lane, exchange: Exchange, outcome: Outcome, status: int) -> None:
        """Count an answer, and keep its connection."""
        self._tally.done(outcome, status, exchange.intended, exchange.sent, self._now())
        self._ended()
        if lane.open:
            self._idle.append(lane)
        else:
            self._lanes.forget(lane)

    def lost(self, lane: Lane) -> None:
        """Forget a connection."""
        self._lanes.forget(lane)
        self._idle.remove(lane)

    # --- inside ---

    async def _prepare(self) -> None:
        for _ in range(min(FIRST_LANES, self._most)):
            try:
                self._idle.append(await self._lanes.open(self))
            except CannotConnect:
                return  # the requests will meet it too, and be counted

    async def _finish(self) -> None:
        end = self._plan[-1][0] + self._timeout
        while not self._over.is_set() and self._now() < end + _LOOK:
            try:
                async with asyncio.timeout(_LOOK):
                    await self._over.wait()
            except TimeoutError:
                self._lanes.give_up(self._now() - self._timeout)

    def _wake(self) -> None:
        """Send all that is due."""
        now = self._now()
        while self._next < len(self._plan) and self._plan[self._next][0] <= now:
            intended, ask = self._plan[self._next]
            self._send(ask, intended, hashed=self._next % HASHED == 0)
            self._next += 1
        if self._next < len(self._plan):
            self._alarm.set(self._plan[self._next][0])
        elif not self._under_way:
            self._over.set()

    def _send(self, ask: Ask, intended: float, *, hashed: bool) -> None:
        if self._under_way >= self._most:
            self._tally.dropped += 1
            return
        self._under_way += 1
        self._tally.lateness.record(self._now() - intended)
        if self._idle:
            # The one used last: its congestion window is the widest.
            self._idle.pop().ask(ask, intended, hashed=hashed)
            return
        task = asyncio.get_running_loop().create_task(self._open_for(ask, intended, hashed=hashed))
        self._opening.add(task)
        task.add_done_callback(self._opening.discard)

    async def _open_for(self, ask: Ask, intended: float, *, hashed: bool) -> None:
        sent = self._now()
        try:
            lane = await self._lanes.open(self)
        except CannotConnect as error:
            self._tally.done(error.outcome, 0, intended, sent, self._now())
            self._ended()
            return
        lane.ask(ask, intended, hashed=hashed)
        if lane.exchange is not None:
            lane.exchange.sent = sent  # a client waits for the connection too

    def _ended(self) -> None:
        self._under_way -= 1
        if not self._under_way and self._next == len(self._plan):
            self._over.set()
