"""What a router is asked and what it answers: plain values, also what people are shown."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from modmirror.measure.score import Class
    from modmirror.routing.breaker import State


@dataclass(frozen=True, slots=True)
class Question:
    """Which of the upstreams of a pool should be asked for a file?"""

    pool: tuple[str, ...]
    """Names in declared order."""
    asked: Class
    module: str = ""
    measured: bool = True
    """False: in declared order, whatever the scores; breakers and budgets hold all the same."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """One upstream of a pool as it stands now."""

    upstream: str
    score: float | None
    """Expected seconds; None: unknown."""
    state: State
    why: str
    """Why it stands where it stands, in words."""


@dataclass(frozen=True, slots=True)
class Plan:
    """Whom to ask, in this order."""

    candidates: tuple[Candidate, ...]
    hedge_after: float | None = None
    """Seconds after which the second one is asked too; None: never."""
    panic: str = ""
    """The one to try although nobody may be asked; empty: somebody may, or not this time."""

    @property
    def order(self) -> tuple[str, ...]:
        """Names, the first to ask first."""
        return tuple(each.upstream for each in self.candidates)


@dataclass(frozen=True, slots=True)
class Decision:
    """Something that a router decided: another choice, a breaker opened or closed."""

    at: float
    """Monotonic seconds."""
    subject: str
    """An upstream, or a class of files."""
    what: str
    why: str
    is_bad: bool = False
    """Whether an upstream was found not to work."""


@dataclass(frozen=True, slots=True)
class Standing:
    """One upstream, for reports."""

    upstream: str
    scores: Mapping[Class, float | None]
    """Expected seconds by class; None: nothing of the class is known."""
    p95: float | None
    """Live 95th percentile of the first byte for metadata, in seconds."""
    rate: float | None
    """Bytes a second of zips."""
    breaker: State
    reason: str
    """The last failure in words; empty: none."""
    wait: float
    """Seconds until it may be asked again; 0: now."""
    share: float
    """Of its traffic, during a slow start below 1."""
    lacks: int
    """Module prefixes that it is known to lack."""
    running: int
    """Requests in flight."""


@dataclass(frozen=True, slots=True)
class Standings:
    """Everything a router knows, for reports."""

    upstreams: tuple[Standing, ...]
    choices: Mapping[str, str]
    """By pool and class: who is asked first, and why."""
    traffic: float
    """Requests a second of late."""
    hedge_tokens: float
    retry_tokens: float
    probes: int
    """Probes sent so far."""
    decisions: tuple[Decision, ...]
    """The newest last."""
