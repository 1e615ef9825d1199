"""Conditions without which nothing else counts: integrity, availability, completeness (lab.md 7)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from modmirror.lab.results.ranking import Gate
from modmirror.measure.shares import least_attempts

if TYPE_CHECKING:
    from modmirror.lab.results.coverage import TargetCoverage
    from modmirror.lab.results.estimates import Share

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
        n = covered.overall.n
        return Gate("integrity", passed=True, text=f"no wrong file among {n}", zh=f"{n} 个文件均无错误")
    shown = ", ".join(each.path for each in wrong[:_NAMED])
    more = len(wrong) - _NAMED
    return Gate(
        "integrity",
        passed=False,
        text=f"{len(wrong)} wrong by their h1: {shown}" + (f" and {more} more" if more > 0 else ""),
        zh=f"{len(wrong)} 个文件的 h1 错误：{shown}" + (f"，另有 {more} 个" if more > 0 else ""),
    )


def _availability(share: Share) -> Gate:
    """Judge by the lower bound; where n is too small for that, only what is surely less fails."""
    text = f"{share.ok} of {share.n} answered well, at least {share.low:.1%}"
    chinese = f"{share.n} 次请求中 {share.ok} 次成功，下限 {share.low:.1%}"
    if share.n >= least_attempts(AVAILABLE):
        return Gate(
            "availability",
            passed=share.low >= AVAILABLE,
            text=f"{text}; {AVAILABLE:.0%} is needed",
            zh=f"{chinese}；要求 {AVAILABLE:.0%}",
        )
    possible = share.high >= AVAILABLE
    return Gate(
        "availability",
        passed=possible,
        text=f"{text}; n too small to prove {AVAILABLE:.0%}" if possible else text,
        zh=f"{chinese}；样本太少，无法证明 {AVAILABLE:.0%}" if possible else chinese,
    )


def _popular(share: Share) -> Gate:
    return Gate(
        "coverage",
        passed=share.ok >= POPULAR * share.n,
        text=f"{share.ok} of {share.n} popular files; {POPULAR:.0%} are needed",
        zh=f"{share.n} 个常用文件中有 {share.ok} 个；要求 {POPULAR:.0%}",
    )
