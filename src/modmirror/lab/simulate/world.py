"""The made-up world that policies act in: sites that answer, requests that come in, and what is counted."""

from __future__ import annotations

import heapq
import math
from dataclasses import dataclass, field
from random import Random
from typing import TYPE_CHECKING, Protocol

from modmirror.lab.simulate.engine import Engine
from modmirror.lab.simulate.scenario import answer, expected

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from modmirror.lab.simulate.engine import Timer
    from modmirror.lab.simulate.scenario import Answer, Scenario, Site


@dataclass(slots=True)
class Request:
    """A client's request. A policy ends it exactly once."""

    module: str
    began: float
    ended: float | None = None
    result: str = ""
    """``ok``, ``absent`` or ``failed``."""
    endings: int = 0
    best: float | None = None
    """Seconds that the best choice would have taken, as somebody knows who sees everything; None: nobody
    could have answered."""

    def end(self, result: str, now: float) -> None:
        """Answer the client."""
        self.endings += 1
        self.ended = now
        self.result = result

    @property
    def seconds(self) -> float:
        """How long the client waited; endless if it was never answered."""
        return math.inf if self.ended is None else self.ended - self.began


class Policy(Protocol):
    """Decides which sites are asked."""

    name: str

    def fetch(self, request: Request) -> None:
        """Get the request answered, now or later."""


@dataclass(slots=True)
class _Site:
    site: Site
    sent: int = 0
    free: list[float] = field(default_factory=list)
    """When each of its workers is free."""


class World:
    """One run of a scenario, seeded."""

    def __init__(self, scenario: Scenario, chance: Random) -> None:
        self.engine = Engine()
        self.chance = chance
        self.scenario = scenario
        self.requests: list[Request] = []
        self._clients_chance = Random(chance.getrandbits(64))  # noqa: S311 - to be repeated
        """Apart, so that every policy meets the same clients."""
        self._sites = {site.name: _Site(site, free=[0.0] * site.workers) for site in scenario.sites}

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the sites in declared order."""
        return tuple(self._sites)

    @property
    def sent(self) -> dict[str, int]:
        """Requests sent, by site."""
        return {name: each.sent for name, each in self._sites.items()}

    def send(self, name: str, module: str, heard: Callable[[Answer], None]) -> Timer:
        """Send a request; ``heard`` is called with the answer, unless the timer is cancelled before."""
        site = self._sites[name]
        site.sent += 1
        now = self.engine.now
        begins = max(now, heapq.heappop(site.free)) if site.free else now
        said = answer(site.site, module, begins, self.chance)
        ends = begins + said.seconds
        if site.site.workers:
            heapq.heappush(site.free, ends if math.isfinite(ends) else begins + self.scenario.patience)
        return self.engine.at(ends, lambda: heard(said))

    def run(self, policy: Policy) -> None:
        """Let the clients ask for as long as the scenario says, and wait for the last answers."""
        self._arrive(policy, self._clients())
        self.engine.run(self.scenario.seconds)
        self.engine.run(self.scenario.seconds + 60)

    def _clients(self) -> Iterator[tuple[float, str]]:
        """Say who asks when. Unless they are given, times between them are exponential."""
        scenario, chance = self.scenario, self._clients_chance
        if scenario.arrivals:
            yield from ((each.at, each.module) for each in scenario.arrivals)
            return
        at = 0.0
        while True:
            at -= math.log(1 - chance.random()) / scenario.rate
            if at >= scenario.seconds:
                return
            yield at, f"example.com/m{int(chance.random() * scenario.modules)}/x"

    def _arrive(self, policy: Policy, clients: Iterator[tuple[float, str]]) -> None:
        """Plan the next client."""
        client = next(clients, None)
        if client is None:
            return
        at, module = client

        def come() -> None:
            request = Request(module, self.engine.now, best=self._best(module))
            self.requests.append(request)
            self._arrive(policy, clients)
            policy.fetch(request)

        self.engine.at(at, come)

    def _best(self, module: str) -> float | None:
        answers = (expected(each.site, module, self.engine.now) for each in self._sites.values())
        return min((seconds for seconds in answers if seconds is not None), default=None)
