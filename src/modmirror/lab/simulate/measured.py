"""The mirror's own router, driven in virtual time."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from modmirror.routing.outcome import Outcome, Permit
from modmirror.routing.plan import Plan, Question
from modmirror.routing.router import Router
from modmirror.routing.settings import RoutingSettings

if TYPE_CHECKING:
    from modmirror.lab.simulate.engine import Timer
    from modmirror.lab.simulate.scenario import Answer
    from modmirror.lab.simulate.world import Request, World

_PROBE_TICK = 0.5
"""Seconds between looks at what should be probed."""
_PROBE_TIMEOUT = 3.0
_PATIENCE = 20.0
"""Seconds for the last upstream that is left, as long as a client may wait."""
_PROBED = "example.com/probe/x"


class Measured:
    """Routes by measurement."""

    def __init__(self, world: World, settings: RoutingSettings | None = None) -> None:
        self.name = "measured"
        self.world = world
        self.router = Router(world.chance, settings or RoutingSettings())
        self.hedges = 0
        self.retried = 0
        """Retries that cost budget."""
        self.probes = 0
        """Requests that no client asked for, trials apart."""
        for site in world.names:
            self.router.add(site)
        world.engine.after(_PROBE_TICK, self._probe)

    def fetch(self, request: Request) -> None:
        """See :class:`modmirror.lab.simulate.world.Policy`."""
        question = Question(self.world.names, "meta", request.module)
        plan = self.router.plan(question, self.world.engine.now)
        _Fetch(self, request, plan).begin()

    def _probe(self) -> None:
        for name in self.router.probes_due(self.world.engine.now):
            permit = self.router.admit(name, self.world.engine.now)
            if permit is not None:
                self.probes += not permit.trial
                _Probe(self, permit)
        if self.world.engine.now < self.world.scenario.seconds:
            self.world.engine.after(_PROBE_TICK, self._probe)


class _Probe:
    def __init__(self, policy: Measured, permit: Permit) -> None:
        self._policy = policy
        self._permit = permit
        self._began = policy.world.engine.now
        self._answer = policy.world.send(permit.upstream, _PROBED, self._heard)
        self._limit = policy.world.engine.after(_PROBE_TIMEOUT, self._late)

    def _heard(self, said: Answer) -> None:
        self._limit.cancel()
        self._end(outcome_of(said, said.seconds, ""))

    def _late(self) -> None:
        self._answer.cancel()
        self._end(Outcome("broken", "meta", _PROBE_TIMEOUT, reason="no answer"))

    def _end(self, outcome: Outcome) -> None:
        self._policy.router.record(self._permit, outcome, self._policy.world.engine.now)


@dataclass(slots=True)
class _Leg:
    """One request to one site."""

    began: float
    permit: Permit | None
    """None: its outcome is recorded, but an answer that comes after all is still welcome."""
    answer: Timer
    limit: Timer

    def cancel(self) -> None:
        self.answer.cancel()
        self.limit.cancel()


class _Fetch:
    """One client's request on its way, until exactly one answer."""

    def __init__(self, policy: Measured, request: Request, plan: Plan) -> None:
        self._policy = policy
        self._router = policy.router
        self._engine = policy.world.engine
        self._request = request
        self._plan = plan
        self._left = list(plan.order)
        self._legs: dict[str, _Leg] = {}
        self._absent: list[str] = []
        self._troubled = False
        self._second = ""
        """Who was asked for slowness of the first."""

    def begin(self) -> None:
        """Ask the first, and a second one if the first is slow."""
        self._go_on()
        if self._plan.hedge_after is not None and self._legs:
            self._engine.after(self._plan.hedge_after, self._hedge)

    def _hedge(self) -> None:
        if self._request.ended is None and len(self._legs) == 1 and self._left and self._router.hedge():
            self._policy.hedges += 1
            self._go_on()
            self._second = next(reversed(self._legs), "")

    def _go_on(self) -> None:
        """Ask the next one that may be asked; end with a failure when there is none."""
        while self._left:
            name = self._left.pop(0)
            permit = self._router.admit(name, self._engine.now, panic=name == self._plan.panic)
            if permit is not None:
                self._send(permit)
                return
            self._troubled = True
        if not self._legs:
            self._end("failed" if self._troubled else "absent")

    def _send(self, permit: Permit) -> None:
        name = permit.upstream
        limit = self._router.timeout(name, "meta") if self._left or permit.trial else _PATIENCE
        self._legs[name] = _Leg(
            self._engine.now,
            permit,
            self._policy.world.send(name, self._request.module, lambda said: self._heard(name, said)),
            self._engine.after(limit, lambda: self._late(name)),
        )

    def _heard(self, name: str, said: Answer) -> None:
        leg = self._legs.pop(name)
        leg.cancel()
        self._record(leg, outcome_of(said, self._engine.now - leg.began, self._request.module))
        if said.what == "ok":
            for lacking in self._absent:
                self._router.lacked(lacking, self._request.module, self._engine.now)
            self._end("ok")
        elif said.what == "absent":
            self._absent.append(name)
            if not self._legs:
                self._go_on()
        else:
            self._failed(name)

    def _late(self, name: str) -> None:
        """Ask the next one too, and go on waiting as long as a client would."""
        leg = self._legs[name]
        waited = self._engine.now - leg.began
        if leg.permit is None:
            self._legs.pop(name).cancel()
        else:
            self._record(leg, Outcome("late", "meta", waited, self._request.module, "no answer"))
            leg.limit = self._engine.after(_PATIENCE - waited, lambda: self._late(name))
        self._failed(name)

    def _failed(self, name: str) -> None:
        self._troubled = True
        how = self._router.retry(name, self._engine.now) if self._left else "rerouted"
        self._policy.retried += how == "retried"
        if how is not None:
            self._go_on()
        elif not self._legs:
            self._end("failed")

    def _record(self, leg: _Leg, outcome: Outcome) -> None:
        if leg.permit is not None:
            self._router.record(leg.permit, outcome, self._engine.now)
            leg.permit = None

    def _end(self, result: str) -> None:
        for name, leg in self._legs.items():
            leg.cancel()
            waited = 0.0 if name == self._second else self._engine.now - leg.began
            self._record(leg, Outcome("left", "meta", waited, self._request.module))
        self._legs.clear()
        self._request.end(result, self._engine.now)


def outcome_of(said: Answer, seconds: float, module: str) -> Outcome:
    """Say in the words of routing what a site answered."""
    if said.what == "silent":
        return Outcome("broken", "meta", seconds if math.isfinite(seconds) else 0.0, module, "silent")
    reason = "" if said.what in {"ok", "absent"} else said.what
    return Outcome(said.what, "meta", seconds, module, reason, said.retry_after)
