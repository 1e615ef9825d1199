"""Stays with an upstream until another one is clearly better, and says why (lab.md 4.3)."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

HYSTERESIS = 1.3
"""How many times faster a rival must be."""
LOOKS = 3
"""How many times in a row it must look so."""


class Choice:
    """The choice for one pool of upstreams and one class of files."""

    def __init__(self) -> None:
        self.current: str | None = None
        self.why = ""
        self._rival: str | None = None
        self._looks = 0

    def look(self, scores: Mapping[str, float | None]) -> bool:
        """Choose among upstreams that can be asked, in declared order; return whether that is a change.

        An unknown score (None) wins nothing and loses nothing: the first one declared is asked until
        another is known to be better.
        """
        if self.current is None or self.current not in scores:
            return self._settle_anew(scores)
        rival = self._best_rival(scores)
        if rival is None:
            self._rival, self._looks = None, 0
            return False
        self._looks = self._looks + 1 if rival == self._rival else 1
        self._rival = rival
        if self._looks < LOOKS:
            return False
        mine, its = scores[self.current], scores[rival]
        assert mine is not None  # noqa: S101  # _best_rival compares known scores only
        assert its is not None  # noqa: S101
        return self._take(rival, f"{1000 * its:.0f} ms against {1000 * mine:.0f} ms of {self.current}")

    def _settle_anew(self, scores: Mapping[str, float | None]) -> bool:
        known = {name: score for name, score in scores.items() if score is not None}
        if self.current is None:
            first = next(iter(scores), None)
            if first is None:
                return False
            if scores[first] is None or not known:
                return self._take(first, "the first one declared")
            best = min(known, key=known.__getitem__)
            return self._take(best, f"the best score known: {1000 * known[best]:.0f} ms")
        lost = self.current
        if not scores:
            self.current = None
            return False
        best = min(known, key=known.__getitem__) if known else next(iter(scores))
        return self._take(best, f"{lost} cannot be asked")

    def _best_rival(self, scores: Mapping[str, float | None]) -> str | None:
        mine = scores[self.current] if self.current is not None else None
        if mine is None:
            return None
        rivals = {n: s for n, s in scores.items() if s is not None and s <= mine / HYSTERESIS}
        return min(rivals, key=rivals.__getitem__) if rivals else None

    def _take(self, name: str, why: str) -> bool:
        self.current, self.why = name, why
        self._rival, self._looks = None, 0
        return True
