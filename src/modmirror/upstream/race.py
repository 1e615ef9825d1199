"""Asks an upstream for a file, and others when it is slow: whoever answers first is heard.

A second one is asked when the first takes longer than nearly all of its answers, within the budget of
hedges; and the next one when an answer is overdue. What is overdue is not dropped: it may be the only one
that has the file. The losers are left at the first byte of the winner, so no body is fetched twice.
"""

from __future__ import annotations

import asyncio
import math
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from modmirror.errors import Error, UpstreamError
from modmirror.measure.score import class_of
from modmirror.routing.limits import MOST_TIMEOUT
from modmirror.upstream.paced import PacedBody
from modmirror.upstream.refusal import refusal

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from contextlib import AbstractAsyncContextManager

    from modmirror.routing.outcome import Permit
    from modmirror.upstream.port import Reply, Upstream
    from modmirror.upstream.trip import Trip

_HEARD = frozenset({200, 206, 416})
"""Statuses that end a race. 416 is about the rest of a file that has begun."""


@dataclass(frozen=True, slots=True)
class _Request:
    path: str
    offset: int
    if_range: str

    def to(self, upstream: Upstream) -> AbstractAsyncContextManager[Reply]:
        return upstream.get(self.path, offset=self.offset, if_range=self.if_range)


class RacedUpstream:
    """An upstream for one attempt to get a file. Whoever has answered is asked for the rest, too."""

    def __init__(self, trip: Trip, first: Upstream) -> None:
        self._trip = trip
        self._first = first
        self._heard: Upstream | None = None

    @property
    def name(self) -> str:
        """Display name of the one that answered; until then of the first one asked."""
        return (self._heard or self._first).name

    @property
    def heard(self) -> bool:
        """Whether anybody's answer has begun to come."""
        return self._heard is not None

    @property
    def first(self) -> str:
        """Display name of the first one asked."""
        return self._first.name

    @asynccontextmanager
    async def get(self, path: str, *, offset: int = 0, if_range: str = "") -> AsyncIterator[Reply]:
        """See :class:`modmirror.upstream.port.Upstream`."""
        trip, request = self._trip, _Request(path, offset, if_range)
        async with AsyncExitStack() as stack:
            race = _Race(trip, request)
            stack.push_async_callback(race.leave)
            leg = await race.run(self._heard or self._first, alone=self._heard is not None)
            stack.push_async_exit(
                leg.context.__aexit__
            )  # first: the leaving of the others may be cut short
            await race.leave()
            self._heard = leg.upstream
            reply = leg.reply
            asked = class_of(path, reply.total)
            # With nobody else to get the rest from, an answer that pauses is better than none.
            stall = trip.guide.stall if trip.has_instead(leg.upstream.name) else None
            yield replace(reply, body=PacedBody(reply.body, trip.guide, leg.upstream.name, asked, stall))

    async def close(self) -> None:
        """Nothing is open between two requests."""


class _Leg:
    """One request to one upstream."""

    def __init__(self, trip: Trip, request: _Request, upstream: Upstream, permit: Permit) -> None:
        self.upstream = upstream
        self.context = request.to(upstream)
        self.began = trip.guide.now()
        self._patience = trip.guide.router.timeout(upstream.name, trip.question.asked)
        self.limit = self.began + self._patience
        self.hedge = False
        self._trip = trip
        self._path = request.path
        self._permit: Permit | None = permit
        self._reply: Reply | None = None

    @property
    def reply(self) -> Reply:
        """The answer of a leg that has won."""
        assert self._reply is not None  # noqa: S101  # only asked of the winner
        return self._reply

    async def ask(self) -> None:
        """Return when the answer has begun and is the file, else raise why not."""
        self._reply = await self.context.__aenter__()
        if self._reply.status not in _HEARD:
            try:
                error = await refusal(self.upstream.name, self._reply)
            finally:
                await self.leave()
            raise error

    async def leave(self) -> None:
        """Drop an answer that is not wanted."""
        if self._reply is not None:
            self._reply = None
            await self.context.__aexit__(None, None, None)

    def won(self) -> None:
        """Record that it is the file."""
        if permit := self._spend():
            question = self._trip.question
            mates = question.pool if question.measured else ()  # else the others are asked only in need
            self._trip.guide.answered(permit, question.asked, self._waited(), self._path, mates)

    def lost(self, error: Error) -> None:
        """Record that it is not."""
        if permit := self._spend():
            self._trip.guide.failed(permit, self._trip.question.asked, self._waited(), self._path, error)

    def gave_up(self, *, late: bool) -> None:
        """Record that it is overdue, or that nobody waits for it any more."""
        if permit := self._spend():
            asked = self._trip.question.asked
            # A second request is sent when everything is slow, this machine too: what it waited in vain
            # says little of the upstream, and is most of what is known of one that is not chosen.
            waited = 0.0 if self.hedge and not late else self._waited()
            self._trip.guide.gave_up(permit, asked, waited, self._path, late=late)

    def extend(self) -> bool:
        """Give the only one who is well more time, and return whether it had some left.

        To be slow is no reason to be refused while there is nobody better. A trial ends in time: while it
        runs there is no other.
        """
        if self._permit is None or self._permit.trial:
            return False
        last = self.began + MOST_TIMEOUT
        now = self._trip.guide.now()
        self.limit = min(last, now + self._patience)
        return now < last

    @property
    def is_recorded(self) -> bool:
        """Whether its outcome is known to the router."""
        return self._permit is None

    def _waited(self) -> float:
        return self._trip.guide.now() - self.began

    def _spend(self) -> Permit | None:
        permit, self._permit = self._permit, None
        return permit


class _Race:
    """The legs that run for one request."""

    def __init__(self, trip: Trip, request: _Request) -> None:
        self._trip = trip
        self._request = request
        self._legs: dict[asyncio.Task[None], _Leg] = {}
        self._hedge_at: float | None = None

    async def run(self, first: Upstream, *, alone: bool) -> _Leg:
        """Return the leg that answered first. Raises what ``first`` said when none has the file."""
        leg = self._start(first, self._leave_to_ask(first, alone=alone))
        if self._trip.plan.hedge_after is not None and not (alone or self._trip.hedged):
            self._hedge_at = leg.began + self._trip.plan.hedge_after
        while self._legs:
            done, _ = await asyncio.wait(
                self._legs, timeout=self._patience(alone=alone), return_when=asyncio.FIRST_COMPLETED
            )
            for task in done:
                if (winner := self._ended(task)) is not None:
                    return winner
            if not (done or alone):
                self._look_around()
        raise self._trip.said[first.name]

    def _leave_to_ask(self, first: Upstream, *, alone: bool) -> Permit:
        """Return a permit. Raises UpstreamUnavailable when its breaker says no.

        Not where it has begun the file and all the others have said that they cannot go on with it.
        """
        if alone and self._trip.question.measured and not self._trip.has_rivals:
            return self._trip.guide.admit(first.name, panic=True)
        return self._trip.admit(first)

    async def leave(self) -> None:
        """Leave all that have not won, and wait until they are gone. Call it again if it was cut short."""
        if not self._legs:
            return
        for task, leg in self._legs.items():
            leg.gave_up(late=False)
            if leg.hedge:
                leg.hedge = False
                self._trip.guide.hedged(won=False)
            task.cancel()
        await asyncio.gather(*self._legs, return_exceptions=True)
        for leg in self._legs.values():
            self._trip.running.discard(leg.upstream.name)
            await leg.leave()
        self._legs.clear()

    def _start(self, upstream: Upstream, permit: Permit) -> _Leg:
        leg = _Leg(self._trip, self._request, upstream, permit)
        self._trip.running.add(upstream.name)
        self._legs[asyncio.create_task(leg.ask())] = leg
        return leg

    def _ended(self, task: asyncio.Task[None]) -> _Leg | None:
        """Take in how a leg ended; return it if it has won."""
        leg = self._legs.pop(task)
        self._trip.running.discard(leg.upstream.name)
        try:
            task.result()
        except Error as error:
            leg.lost(error)
            self._trip.said[leg.upstream.name] = error
            if leg.hedge:
                self._trip.guide.hedged(won=False)
            if isinstance(error, UpstreamError) and self._legs:
                self._replace(leg)
            return None
        except BaseException:
            leg.gave_up(late=False)
            raise
        leg.won()
        if leg.hedge:
            self._trip.guide.hedged(won=True)
        return leg

    def _patience(self, *, alone: bool) -> float | None:
        """Return the seconds until something should be done although nothing has come."""
        if alone:
            return None
        moments = [leg.limit for leg in self._legs.values() if not leg.is_recorded]
        if self._hedge_at is not None:
            moments.append(self._hedge_at)
        return max(0.0, min(moments) - self._trip.guide.now()) if moments else None

    def _look_around(self) -> None:
        now = self._trip.guide.now()
        if self._hedge_at is not None and now >= self._hedge_at:
            self._hedge_at = None
            if len(self._legs) == 1 and self._trip.has_rivals and self._trip.guide.router.hedge():
                self._trip.hedged = True
                self._ask_another(hedge=True)
        for leg in list(self._legs.values()):
            if not leg.is_recorded and now >= leg.limit:
                self._overdue(leg)

    def _overdue(self, leg: _Leg) -> None:
        """Ask the next one, if there is one; else it is the only hope and has all the time it needs."""
        alone = len(self._legs) == 1
        if alone and not self._trip.has_rivals:
            leg.limit = math.inf
        elif alone and not self._trip.has_instead(leg.upstream.name) and leg.extend():
            # A trial, if one is due: who was sick may be well again.
            self._ask_another(hedge=False)
        else:
            leg.gave_up(late=True)
            self._replace(leg)

    def _replace(self, leg: _Leg) -> None:
        """Ask the next one, too, because of one that failed or is overdue, within the budget of retries."""
        if self._trip.has_rivals and self._trip.guide.retry(leg.upstream.name):
            self._ask_another(hedge=False)

    def _ask_another(self, *, hedge: bool) -> None:
        rival = self._trip.rival()
        if rival is not None:
            self._start(*rival).hedge = hedge
