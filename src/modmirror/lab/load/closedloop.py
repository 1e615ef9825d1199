"""The closed loop: so many clients, each asks again as soon as it is answered.

It finds how much a server can do. Its latencies leave out what clients would have met while the server
stood still, so they compare with nothing and are not reported (lab.md 2.1).
"""

from __future__ import annotations

import asyncio
from contextlib import suppress
from itertools import cycle
from typing import TYPE_CHECKING

from modmirror.lab.load.lanes import CannotConnect
from modmirror.lab.load.openloop import HASHED

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from modmirror.lab.load.job import Ask
    from modmirror.lab.load.lane import Exchange, Lane
    from modmirror.lab.load.lanes import Lanes
    from modmirror.lab.load.tally import Tally
    from modmirror.measure.sample import Outcome

_AFTER_FAILURE = 0.05
"""Seconds that a client waits after a failure: a dead server must not be asked as fast as one can."""


class ClosedLoop:
    """Keeps every client busy until an instant."""

    def __init__(self, lanes: Lanes, tally: Tally, now: Callable[[], float], asks: Sequence[Ask]) -> None:
        self._lanes = lanes
        self._tally = tally
        self._now = now
        self._asks = cycle(asks)
        self._end = 0.0
        self._waiting: dict[Lane, asyncio.Future[None]] = {}

    async def run(self, clients: int, begin: float, seconds: float) -> None:
        """Ask from ``begin`` on for so long."""
        self._end = begin + seconds
        self._tally.planned_span = seconds
        try:
            await asyncio.gather(*(self._client(begin) for _ in range(clients)))
        finally:
            self._lanes.close()

    # --- a lane calls these ---

    def answered(self, lane: Lane, exchange: Exchange, outcome: Outcome, status: int) -> None:
        """Count an answer, and ask again at once."""
        now = self._now()
        if now <= self._end:
            self._tally.done(outcome, status, exchange.sent, exchange.sent, now)
        if lane.open and outcome == "ok" and now < self._end:
            self._ask(lane)
        elif not (waiting := self._waiting[lane]).done():
            waiting.set_result(None)

    def lost(self, lane: Lane) -> None:
        """Let the client open another connection."""
        if (waiting := self._waiting.get(lane)) and not waiting.done():
            waiting.set_result(None)

    # --- inside ---

    async def _client(self, begin: float) -> None:
        first = True
        while (now := self._now()) < self._end:
            try:
                lane = await self._lanes.open(self)
            except CannotConnect as error:
                self._tally.done(error.outcome, 0, now, now, self._now())
                await asyncio.sleep(_AFTER_FAILURE)
                continue
            if first:
                await asyncio.sleep(max(0.0, begin - self._now()))
                first = False
            if lane.open:
                await self._keep_asking(lane)

    async def _keep_asking(self, lane: Lane) -> None:
        """Return when the connection has ended, failed or is not needed any more."""
        self._waiting[lane] = asyncio.get_running_loop().create_future()
        self._ask(lane)
        try:
            # What is under way at the end is not counted, whatever would have become of it.
            with suppress(TimeoutError):
                async with asyncio.timeout(max(0.0, self._end - self._now())):
                    await self._waiting[lane]
        finally:
            failed = lane.open and self._now() < self._end
            if lane.open:
                lane.close()
            self._lanes.forget(lane)
            del self._waiting[lane]
        if failed:
            await asyncio.sleep(_AFTER_FAILURE)

    def _ask(self, lane: Lane) -> None:
        self._tally.planned += 1
        lane.ask(next(self._asks), self._now(), hashed=self._tally.planned % HASHED == 0)
