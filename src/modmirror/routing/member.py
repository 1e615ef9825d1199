"""One upstream as the router knows it: its scores, its breaker, what is running."""

from __future__ import annotations

import math
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from modmirror.measure.score import CLASSES, Tracks
from modmirror.routing.plan import Standing

if TYPE_CHECKING:
    from collections.abc import Mapping

    from modmirror.measure.score import Class
    from modmirror.routing.breaker import Breaker
    from modmirror.routing.outcome import Outcome, Permit

_SLOW_FACTOR = 5.0
"""Times the long-run median at which answers are as bad as failures …"""
_SLOW_LEAST = 1.0
"""… and the seconds that they must have taken at least."""


@dataclass(slots=True)
class Member:
    """One upstream."""

    breaker: Breaker
    probe_every: float
    """Seconds between probes in busy times."""
    tracks: Tracks = field(default_factory=Tracks)
    used: float = -math.inf
    """When it last said anything."""
    running: int = 0
    panicked: float = -math.inf
    """When it was last tried although its breaker was open."""

    def is_usable(self, now: float) -> bool:
        """Tell whether it may be asked like any other: not open, half open or paused."""
        return self.breaker.allows(now) and not self.breaker.is_open()

    def end(self, permit: Permit, outcome: Outcome, now: float, *, alone: bool = False) -> None:
        """Take in how a request ended. ``alone``: nobody else can be asked."""
        self.running -= 1
        if outcome.what != "left":
            self.used = now
        self.breaker.end(self._judged(permit, outcome, now), now, trial=permit.trial, alone=alone)

    def has_slowed(self, asked: Class, now: float) -> bool:
        """Tell whether its answers have become as bad as failures.

        Only metadata tells: a zip may be in the making.
        """
        return asked == "meta" and self.tracks[asked].has_slowed(_SLOW_FACTOR, _SLOW_LEAST, now)

    def standing(self, name: str, lacks: int, scores: Mapping[Class, float | None], now: float) -> Standing:
        """Return all that is known of it."""
        rates = [rate for asked in CLASSES if (rate := self.tracks[asked].rate) is not None]
        return Standing(
            upstream=name,
            scores=scores,
            p95=self.tracks["meta"].live(0.95),
            rate=max(rates, default=None),
            breaker=self.breaker.state(now),
            reason=self.breaker.reason,
            wait=self.breaker.wait(now),
            share=self.breaker.share(now),
            lacks=lacks,
            running=self.running,
        )

    def _judged(self, permit: Permit, outcome: Outcome, now: float) -> Outcome:
        """Take an outcome into the scores; return how the breaker should see it."""
        track = self.tracks[outcome.asked]
        if outcome.what == "ok":
            slow = track.is_slow(outcome.seconds, _SLOW_FACTOR, _SLOW_LEAST)
            track.answered(outcome.seconds, now)
            if permit.trial and slow:
                return replace(outcome, what="late", reason="answers are still slow")
        elif outcome.what in {"left", "late"}:
            # It would have taken longer still: a lower bound, and better than to forget the slow ones.
            expected = track.first_byte(now)
            if expected is None and outcome.asked == "meta":
                expected = _SLOW_LEAST  # silence from the first request on is known to be no good
            if expected is not None and outcome.seconds > expected:
                track.answered(outcome.seconds, now)
        return outcome
