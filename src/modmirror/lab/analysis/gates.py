"""Conditions without which nothing else counts: integrity, availability, completeness (lab.md 7)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from modmirror.lab.results import Gate
from modmirror.measure.shares import least_attempts

if TYPE_CHECKING:
    from modmirror.lab.results import Share, TargetCoverage

AVAILABLE = 0.99
POPULAR = 0.98
POPULAR_STRATUM = "popular"
_NAMED = 2
"""Wrong files that a gate names; the coverage result has them all."""


def gates(available: Share | None, covered: TargetCoverage | None) -> tuple[Gate, ...]:
    """Return the gates of one target. What was not measured has no gate."""
    found = []
    if covered is not None:
        found.append(_integrity(covered))
    if available is not None:
        found.append(_availability(available))
    if covered is not None and POPULAR_STRATUM in covered.strata:
        found.append(_popular(covered.strata[POPULAR_STRATUM]))
    return tuple(found)


def _integrity(covered: TargetCoverage) -> Gate:
    wrong = covered.mismatches
    if not wrong:
        return Gate("integrity", passed=True, text=f"no wrong file among {covered.overall.n}")
    shown = ", ".join(each.path for each in wrong[:_NAMED])
    more = f" and {len(wrong) - _NAMED} more" if len(wrong) > _NAMED else ""
    return Gate("integrity", passed=False, text=f"{len(wrong)} wrong by their h1: {shown}{more}")


def _availability(share: Share) -> Gate:
    """Judge by the lower bound; where n is too small for that, only what is surely less fails."""
    text = f"{share.ok} of {share.n} answered well, at least {share.low:.1%}"
    if share.n >= least_attempts(AVAILABLE):
        return Gate(
            "availability", passed=share.low >= AVAILABLE, text=f"{text}; {AVAILABLE:.0%} is needed"
        )
    return Gate(
        "availability",
        passed=share.high >= AVAILABLE,
        text=f"{text}; n too small to prove {AVAILABLE:.0%}" if share.high >= AVAILABLE else text,
    )


def _popular(share: Share) -> Gate:
    return Gate(
        "coverage",
        passed=share.ok >= POPULAR * share.n,
        text=f"{share.ok} of {share.n} popular files; {POPULAR:.0%} are needed",
    )
