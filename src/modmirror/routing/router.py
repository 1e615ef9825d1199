"""The router: scores, breakers, budgets and choices of all upstreams put together. Pure.

Whoever drives it, the mirror in real time or the simulator in virtual time, does this for each file::

    plan = router.plan(question, now)
    for name in plan.order:
        permit = router.admit(name, now, panic=name == plan.panic)
        if permit is None: continue                     # its breaker says no: router.refusal(name, now)
        ... send; give up after router.timeout(name, asked) while others are left ...
        router.record(permit, outcome, now)             # exactly once for each permit
        if it failed: go on only if router.retry(name, now) says how
    ... a second request after plan.hedge_after, if router.hedge() agrees; the loser has "left" ...
    router.received(name, asked, size, seconds)         # when a body came whole
    router.lacked(name, module, now)                    # it said "not found", another one had it

and now and then sends a small request to each of ``router.probes_due(now)``. Times are monotonic seconds.
"""

from __future__ import annotations

import math
from collections import deque
from typing import TYPE_CHECKING, Literal, TypeAlias

from modmirror.routing.breaker import Breaker, NeverOpen
from modmirror.routing.budget import Retries, Tokens
from modmirror.routing.limits import header_timeout, hedge_delay
from modmirror.routing.member import Member
from modmirror.routing.outcome import ANSWERS, Permit
from modmirror.routing.plan import Candidate, Decision, Plan, Standings
from modmirror.routing.probes import Look, Probes
from modmirror.routing.ranking import Ranking
from modmirror.routing.settings import RoutingSettings

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from modmirror.measure.score import Class, Prior
    from modmirror.routing.chance import Chance
    from modmirror.routing.outcome import Outcome
    from modmirror.routing.plan import Question

Priors: TypeAlias = "Mapping[str, Mapping[Class, Prior]]"
"""What was known before, by upstream."""

_HEDGE_BURST = 20.0
_PANIC_PAUSE = 1.0
"""Seconds between tries while no upstream may be asked: enough to notice a recovery, too few for a herd."""
_DECISIONS = 50


class Router:
    """Decides for any number of pools of upstreams, which may share members."""

    def __init__(self, chance: Chance, settings: RoutingSettings | None = None) -> None:
        self._chance = chance
        self._settings = settings or RoutingSettings()
        self._members: dict[str, Member] = {}
        self._pools: set[tuple[str, ...]] = set()
        self._ranking = Ranking(self._members, chance)
        share = self._settings.hedge_share
        self._hedges = Tokens(share, _HEDGE_BURST if share else 0.0)
        self._retries = Retries()
        self._probes = Probes(chance)
        self._decisions: deque[Decision] = deque(maxlen=_DECISIONS)

    def add(self, upstream: str, *, probe_every: float | None = None) -> None:
        """Make an upstream known. ``probe_every``: seconds between probes in busy times."""
        if upstream not in self._members:
            every = self._settings.probe_every if probe_every is None else probe_every
            breaker = (Breaker if self._settings.breakers else NeverOpen)(self._chance)
            self._members[upstream] = Member(breaker, every)

    # --- before a request ---

    def plan(self, question: Question, now: float) -> Plan:
        """Say whom to ask for one file, and count a request."""
        self._pools.add(question.pool)
        self._retries.request(now)
        self._hedges.request()
        self._probes.request(now)
        if question.measured and (choice := self._ranking.look(question, now)):
            self._decide(now, question.asked, f"asks {choice.current} first", choice.why)
        candidates = self._ranking.order(question, now, slow_start=True)
        if not any(self._members[name].breaker.allows(now) for name in question.pool):
            return Plan(candidates, panic=self._panic(question, candidates, now))
        return Plan(candidates, self._hedge_after(question, candidates, now))

    def explain(self, question: Question, now: float) -> tuple[Candidate, ...]:
        """Say whom `plan` would ask, and change nothing."""
        return self._ranking.order(question, now, slow_start=False)

    def admit(self, upstream: str, now: float, *, panic: bool = False) -> Permit | None:
        """Give leave to send one request, or not."""
        member = self._members[upstream]
        if not member.breaker.allows(now) and not panic:
            return None
        member.running += 1
        return Permit(upstream, trial=member.breaker.begin())

    def is_usable(self, upstream: str, now: float) -> bool:
        """Tell whether it is as well as any: closed, and not paused."""
        return self._members[upstream].is_usable(now)

    def lacks(self, upstream: str, module: str, now: float) -> bool:
        """Tell whether it was found to lack such modules a short while ago."""
        return self._ranking.coverage.lacks(upstream, module, now)

    def refusal(self, upstream: str, now: float) -> str:
        """Say in words why `admit` gives no leave."""
        breaker = self._members[upstream].breaker
        wait = breaker.wait(now)
        when = f"asked again in {wait:.1f} s" if wait else "one request tries it just now"
        return f"not asked: {breaker.reason or 'it fails'}; {when}"

    def timeout(self, upstream: str, asked: Class) -> float:
        """Return the seconds in which an answer should begin, while there is another upstream to ask."""
        return header_timeout(self._members[upstream].tracks[asked], asked)

    # --- during and after it ---

    @property
    def may_hedge(self) -> bool:
        """Whether `hedge` would agree."""
        return self._hedges.left >= 1

    def hedge(self) -> bool:
        """Spend one token for a second request to another upstream, if there is one."""
        return self._hedges.take()

    def retry(self, failed: str, now: float) -> Literal["rerouted", "retried"] | None:
        """Say whether the next upstream may be asked after one failed.

        What was on its way to an upstream that is now known not to work is rerouted: the others would have
        got it anyway. A retry after a single failure costs budget (lab.md 4.3), None: there is none left.
        """
        if not self._members[failed].breaker.allows(now):
            return "rerouted"
        return "retried" if self._retries.take(now) else None

    def record(self, permit: Permit, outcome: Outcome, now: float) -> None:
        """Note how a request ended, or for ``ok`` how its answer began."""
        member = self._members[permit.upstream]
        was_open = member.breaker.is_open()
        alone = not self._has_others(permit.upstream, now)
        member.end(permit, outcome, now, alone=alone)
        if outcome.what == "ok" and outcome.module:
            self._ranking.coverage.found(permit.upstream, outcome.module)
        if member.has_slowed(outcome.asked, now) and not alone:
            member.breaker.open("answers have become slow", now)
        if permit.trial and outcome.what in ANSWERS and alone:
            member.breaker.close(now)  # all clients wait for it: one good trial is enough
        if was_open and not member.breaker.is_open() and outcome.what == "ok":
            # The trials that failed before would make it look slow for minutes: probes are rare.
            member.tracks.begin_anew(outcome.asked, outcome.seconds, now)
        self._turned(permit.upstream, now, was_open=was_open)

    def broke(self, upstream: str, outcome: Outcome, now: float) -> None:
        """Note a body that broke off or stalled after an answer that had begun well."""
        member = self._members[upstream]
        was_open = member.breaker.is_open()
        member.breaker.broke(outcome, now)
        self._turned(upstream, now, was_open=was_open)

    def received(self, upstream: str, asked: Class, size: int, seconds: float) -> None:
        """Note a body that came whole, ``seconds`` after its first byte."""
        self._members[upstream].tracks[asked].received(size, seconds)
        self._members[upstream].breaker.whole(asked)

    def lacked(self, upstream: str, module: str, now: float) -> None:
        """Note that an upstream said "not found" of what another one had."""
        self._ranking.coverage.missed(upstream, module, now)

    # --- probes ---

    def probes_due(self, now: float) -> list[str]:
        """Return the upstreams to which a small request should be sent now; that counts as done."""
        traffic = self._retries.traffic(now)
        due = []
        for name, member in self._members.items():
            if member.running or not member.breaker.allows(now):
                continue
            look = Look(member.used, member.probe_every, trial=member.breaker.is_open())
            if self._probes.due(name, look, traffic, now):
                due.append(name)
        return due

    # --- over a restart, and for people ---

    def snapshot(self, now: float) -> dict[str, dict[Class, Prior]]:
        """Return what is worth remembering over a restart."""
        return {name: member.tracks.snapshot(now) for name, member in self._members.items()}

    def restore(self, priors: Priors) -> None:
        """Start from what was known before. Unknown upstreams are passed over."""
        for name, known in priors.items():
            if name in self._members:
                self._members[name].tracks.restore(known)

    def standings(self, now: float) -> Standings:
        """Return all that is known."""
        return Standings(
            upstreams=tuple(
                member.standing(
                    name,
                    self._ranking.coverage.count(name, now),
                    self._ranking.shown(name, now),
                    now,
                )
                for name, member in self._members.items()
            ),
            choices={
                f"{asked} of {', '.join(pool)}": f"{choice.current}: {choice.why}"
                for (pool, asked), choice in self._ranking.choices.items()
                if choice.current
            },
            traffic=self._retries.traffic(now),
            hedge_tokens=self._hedges.left,
            retry_tokens=self._retries.left(now),
            probes=self._probes.sent,
            decisions=tuple(self._decisions),
        )

    # --- inside ---

    def _hedge_after(self, question: Question, candidates: Sequence[Candidate], now: float) -> float | None:
        first, *others = (each.upstream for each in candidates)
        others = [name for name in others if self._members[name].is_usable(now)]
        broken = sum(self._members[name].breaker.is_open() for name in question.pool)
        if not question.measured or not others or broken > 1 or not self.may_hedge:
            return None
        if self._ranking.coverage.lacks(others[0], question.module, now):
            return None
        return hedge_delay(self._members[first].tracks[question.asked], now)

    def _panic(self, question: Question, candidates: Sequence[Candidate], now: float) -> str:
        """Choose the one request a second that is let through when nobody may be asked."""
        broken = [each for each in candidates if self._members[each.upstream].breaker.is_open()]
        if not broken or any(now - self._members[name].panicked < _PANIC_PAUSE for name in question.pool):
            return ""
        best = min(broken, key=lambda each: math.inf if each.score is None else each.score)
        self._members[best.upstream].panicked = now
        return best.upstream

    def _has_others(self, upstream: str, now: float) -> bool:
        """Tell whether somebody else can be asked instead, wherever the upstream is asked."""
        return all(
            any(name != upstream and self._members[name].is_usable(now) for name in pool)
            for pool in self._pools
            if upstream in pool
        )

    def _turned(self, upstream: str, now: float, *, was_open: bool) -> None:
        breaker = self._members[upstream].breaker
        if breaker.is_open() == was_open:
            return
        if was_open:
            self._decide(now, upstream, "asked again", "trials went well")
        else:
            self._members[upstream].tracks.forget_recent()
            self._decide(now, upstream, "no longer asked", breaker.reason, is_bad=True)

    def _decide(self, now: float, subject: str, what: str, why: str, *, is_bad: bool = False) -> None:
        self._decisions.append(Decision(now, subject, what, why, is_bad))
