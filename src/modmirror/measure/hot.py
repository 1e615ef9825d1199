"""Which keys are hot: exact counts for some, good estimates for the rest, in bounded memory (lab.md 5).

As long as there are few keys all of them are counted exactly. Then those that are seldom asked for have
to make room: a key outside is counted by a sketch, and comes in when it has surely overtaken the rarest
inside.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from modmirror.measure.spacesaving import Estimate, SpaceSaving
from modmirror.measure.window import SLOTS, Window

if TYPE_CHECKING:
    from collections.abc import Mapping

EXACT = 512
"""Keys that are counted exactly. One costs about 1.4 kB."""
CANDIDATES = 1_000
"""Keys in the sketch."""
HALVE_EVERY = 600.0
"""Seconds after which the past of the sketch weighs half."""


@dataclass(frozen=True, slots=True)
class Heat:
    """What is known of a key that is counted exactly."""

    key: str
    last_minute: int
    in_window: int
    last_hour: int
    missed: int
    """Earlier counts of the last hour that may be missing in these: 0 for most keys."""


@dataclass(slots=True)
class _Counted:
    window: Window
    since: float
    missed: int


class HotCounts:
    """Counts keys by batches, and tells the hot ones."""

    def __init__(self, minutes: int, *, exact: int = EXACT, candidates: int = CANDIDATES) -> None:
        """``minutes`` is the length of the window in which keys become hot, 60 at most."""
        self.minutes = minutes
        self._exact = exact
        self._counted: dict[str, _Counted] = {}
        self._candidates = SpaceSaving(candidates)
        self._halved = float("-inf")
        # The lowest count inside when somebody last looked: most candidates need no closer look.
        self._floor = 0

    def add(self, counts: Mapping[str, int], now: float) -> None:
        """Count a batch at ``now``, in seconds on any clock that only goes forward."""
        if now - self._halved >= HALVE_EVERY:
            self._candidates.halve()
            self._forget_cold(now)
            self._halved = now
        for key, times in counts.items():
            counted = self._counted.get(key)
            if counted is not None:
                counted.window.add(times, now)
            elif len(self._counted) < self._exact:
                self._admit(Estimate(key, times, 0), times, now)
            else:
                self._consider(self._candidates.add(key, times), times, now)

    def top(self, number: int, now: float) -> list[Heat]:
        """Return the keys with the highest counts in the window, the highest first."""
        every = sorted((self._heat(key, now) for key in self._counted), key=lambda each: each.key)
        return sorted(every, key=lambda each: each.in_window, reverse=True)[:number]

    def hot(self, threshold: int, number: int, now: float) -> list[str]:
        """Return up to ``number`` keys with at least ``threshold`` counts in the window."""
        return [heat.key for heat in self.top(number, now) if heat.in_window >= threshold]

    def candidates(self, number: int) -> list[Estimate]:
        """Return the best of those that are not counted exactly."""
        return self._candidates.top(number)

    def _heat(self, key: str, now: float) -> Heat:
        counted = self._counted[key]
        window = counted.window
        settled = now - counted.since >= SLOTS * 60
        return Heat(
            key,
            window.last_seconds(SLOTS, now),
            window.last_minutes(self.minutes, now),
            window.last_minutes(SLOTS, now),
            0 if settled else counted.missed,
        )

    def _admit(self, estimate: Estimate, times: int, now: float) -> None:
        window = Window()
        window.add(times, now)
        self._counted[estimate.key] = _Counted(window, now, estimate.count - times)

    def _consider(self, estimate: Estimate, times: int, now: float) -> None:
        """Let a candidate in when it was surely asked for more often than the rarest in the window."""
        sure = estimate.count - estimate.error
        if sure <= self._floor:
            return
        rarest = min(self._counted, key=lambda key: (self._in_window(key, now), key))
        self._floor = self._in_window(rarest, now)
        if sure <= self._floor:
            return
        missed = self._counted.pop(rarest).missed
        self._candidates.remove(estimate.key)
        self._candidates.put(Estimate(rarest, max(1, self._floor) + missed, missed))
        self._admit(estimate, times, now)

    def _in_window(self, key: str, now: float) -> int:
        return self._counted[key].window.last_minutes(self.minutes, now)

    def _forget_cold(self, now: float) -> None:
        for key in [key for key, each in self._counted.items() if not each.window.last_minutes(SLOTS, now)]:
            del self._counted[key]
        self._floor = 0
