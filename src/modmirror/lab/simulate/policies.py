"""What the measured router is compared with: a fixed order, and the better of two by chance."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from modmirror.lab.simulate.measured import Measured

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from modmirror.lab.simulate.scenario import Answer
    from modmirror.lab.simulate.world import Policy, Request, World

_IN_A_ROW = 3
_OPEN = 10.0
"""Seconds that a site is left alone after three failures in a row, as other proxies do."""
_TAU = 10.0
_UNKNOWN = 0.03
"""Seconds assumed of a site that has answered nothing yet."""
_PENALTY = 3.0


@dataclass(slots=True)
class _Known:
    """What these simpler policies know of a site."""

    in_a_row: int = 0
    open_until: float = 0.0
    average: float = _UNKNOWN
    seen: float = 0.0
    running: int = 0

    def cost(self, now: float) -> float:
        """Peak EWMA: fades with time, grows with what is running."""
        return self.average * math.exp(-(now - self.seen) / _TAU) * (self.running + 1)

    def ended(self, seconds: float, now: float, *, good: bool) -> None:
        self.running -= 1
        self.in_a_row = 0 if good else self.in_a_row + 1
        if self.in_a_row >= _IN_A_ROW:
            self.open_until, self.in_a_row = now + _OPEN, 0
        cost = seconds if good else max(seconds, _PENALTY)
        fade = math.exp(-(now - self.seen) / _TAU)
        self.average = cost if cost > self.average else self.average * fade + cost * (1 - fade)
        self.seen = now


class _OneByOne:
    """Asks one site after another, each with the same limit."""

    name = ""

    def __init__(self, world: World) -> None:
        self.world = world
        self.known = {name: _Known() for name in world.names}

    def fetch(self, request: Request) -> None:
        """See :class:`modmirror.lab.simulate.world.Policy`."""
        now = self.world.engine.now
        ready = [name for name in self.world.names if self.known[name].open_until <= now]
        self._next(request, self.order(ready or list(self.world.names), now), troubled=False)

    def order(self, names: list[str], now: float) -> list[str]:
        """Say who is asked, the first first."""
        raise NotImplementedError

    def _next(self, request: Request, left: list[str], *, troubled: bool) -> None:
        engine = self.world.engine
        if not left:
            request.end("failed" if troubled else "absent", engine.now)
            return
        name, *others = left
        known, began = self.known[name], engine.now
        known.running += 1

        def heard(said: Answer) -> None:
            limit.cancel()
            good = said.what in {"ok", "absent"}
            known.ended(engine.now - began, engine.now, good=good)
            if said.what == "ok":
                request.end("ok", engine.now)
            else:
                self._next(request, others, troubled=troubled or not good)

        def late() -> None:
            answer.cancel()
            known.ended(engine.now - began, engine.now, good=False)
            self._next(request, others, troubled=True)

        answer = self.world.send(name, request.module, heard)
        limit = engine.after(self.world.scenario.patience, late)


class StaticOrder(_OneByOne):
    """The declared order, as GOPROXY has it, with a breaker."""

    name = "static-order"

    def order(self, names: list[str], now: float) -> list[str]:
        """Keep the declared order."""
        del now
        return names


class TwoChoices(_OneByOne):
    """The cheaper of two sites drawn by lot (P2C with peak EWMA), with a breaker."""

    name = "two-choices"

    def order(self, names: list[str], now: float) -> list[str]:
        """Draw two, and put the cheaper one first."""
        pool = sorted(names, key=lambda _: self.world.chance.random())
        drawn, rest = pool[:2], pool[2:]
        return sorted(drawn, key=lambda name: self.known[name].cost(now)) + rest


POLICIES: Mapping[str, Callable[[World], Policy]] = {
    StaticOrder.name: StaticOrder,
    TwoChoices.name: TwoChoices,
    "measured": Measured,
}
