"""What changed since an earlier run in what mirrors have: content, freshness, protocol (lab.md 7).

Shares and lags are compared as samples are: beyond chance or not at all. A wrong file more or less, and a
feature that came or went, are facts: chance has no part in them.
"""

from __future__ import annotations

from math import isinf
from typing import TYPE_CHECKING

from modmirror.lab.analysis.freshness import seen_by_place
from modmirror.lab.results.differences import Difference
from modmirror.measure.quantiles import median
from modmirror.measure.ranks import least_p, mann_whitney

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from modmirror.lab.results.coverage import CoverageResult
    from modmirror.lab.results.estimates import Share
    from modmirror.lab.results.events import Event
    from modmirror.lab.results.protocol import ProtocolResult, Verdict
    from modmirror.measure.sample import Sample
    from modmirror.measure.survival import Seen

P = 0.002
COVERAGE, WRONG, LAG, PROTOCOL = "coverage", "wrong files", "lag", "protocol"
"""What a difference is of; after a colon: the stratum, the place, the feature."""
_WORTH: dict[Verdict, float] = {"yes": 1.0, "partly": 0.5, "no": 0.0}


def coverage_changes(before: CoverageResult, after: CoverageResult) -> Iterator[Difference]:
    """Yield strata in which a target has more or less than before, and files that are wrong now or then."""
    for target, old in before.targets.items():
        new = after.targets.get(target)
        if new is None:
            continue
        wrong = len(old.mismatches), len(new.mismatches)
        if wrong[0] != wrong[1]:
            yield Difference(target, WRONG, *wrong, None, worse=wrong[1] > wrong[0])
        for stratum in old.strata.keys() & new.strata.keys():
            found = _share(target, f"{COVERAGE}: {stratum}", old.strata[stratum], new.strata[stratum])
            if found is not None:
                yield found


def _share(target: str, what: str, before: Share, after: Share) -> Difference | None:
    p = _chance(_drawn(before), _drawn(after))
    if p is None:
        return None
    was, now = before.ok / before.n, after.ok / after.n
    return Difference(target, what, was, now, p, worse=now < was)


def _drawn(share: Share) -> list[float]:
    return [1.0] * share.ok + [0.0] * (share.n - share.ok)


def _chance(before: Sequence[float], after: Sequence[float]) -> float | None:
    """Return the p of a change; None where chance may have made it."""
    if not before or not after or least_p(len(before), len(after)) >= P:
        return None
    p = mann_whitney(before, after)
    return p if p < P else None


def freshness_changes(
    before: tuple[Sequence[Sample], Sequence[Event]], after: tuple[Sequence[Sample], Sequence[Event]]
) -> Iterator[Difference]:
    """Yield places in which new versions come sooner or later than before."""
    old, new = seen_by_place(*before), seen_by_place(*after)
    for key in sorted(old.keys() & new.keys()):
        until = min(_horizon(old[key]), _horizon(new[key]))
        lags = _lags(old[key], until), _lags(new[key], until)
        p = _chance(*lags)
        if p is not None:
            target, place = key
            was, now = map(median, lags)
            worse = sum(lags[1]) / len(lags[1]) > sum(lags[0]) / len(lags[0])
            yield Difference(target, f"{LAG}: {place}", was, now, p, worse=worse)


def _horizon(seen: Iterable[Seen]) -> float:
    """Return until when each version was looked for, or seen."""
    return min((each.after for each in seen if isinf(each.by) and each.after), default=float("inf"))


def _lags(seen: Iterable[Seen], until: float) -> list[float]:
    """Return lags as both runs could have seen them: what came later than ``until`` counts as that."""
    known = [each for each in seen if each.after or not isinf(each.by)]
    return [until if isinf(each.by) else min((each.after + each.by) / 2, until) for each in known]


def protocol_changes(before: ProtocolResult, after: ProtocolResult) -> Iterator[Difference]:
    """Yield features whose verdict is another one; what was not found out in one of them is left out."""
    for target, cells in after.cells.items():
        old = before.cells.get(target, {})
        for feature in after.features:
            verdicts: list[Verdict] = [
                each[feature.key].verdict if feature.key in each else "unknown" for each in (old, cells)
            ]
            was, now = map(_WORTH.get, verdicts)
            if was is not None and now is not None and was != now:
                yield Difference(target, f"{PROTOCOL}: {feature.title}", was, now, None, worse=now < was)
