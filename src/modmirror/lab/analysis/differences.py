"""What changed since an earlier run, beyond chance and by so much that one would feel it (lab.md 7)."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from modmirror.lab.analysis.bench import MEASUREMENT
from modmirror.lab.analysis.times import case_of, rates_by_block, time_of
from modmirror.lab.analysis.warming import steady
from modmirror.lab.results.differences import Difference
from modmirror.measure.quantiles import median
from modmirror.measure.ranks import least_p, mann_whitney

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from modmirror.measure.sample import Sample

P = 0.002
CHANGE = 0.05
"""Share by which a median must change to be worth a line."""
SPEED = "speed"
FAILURES = "failures"


def differences(before: Iterable[Sample], after: Iterable[Sample]) -> tuple[Difference, ...]:
    """Compare two runs of the same targets in the same cases; what one of them lacks is left out.

    ``what`` is a case (medians, seconds), ``speed`` (medians, bytes a second) or ``failures`` (shares).
    """
    old, new = _numbers(before), _numbers(after)
    found = []
    for key in sorted(old.keys() & new.keys()):
        target, what = key
        difference = _difference(target, what, old[key], new[key])
        if difference is not None:
            found.append(difference)
    return tuple(found)


def _difference(
    target: str, what: str, before: Sequence[float], after: Sequence[float]
) -> Difference | None:
    if least_p(len(before), len(after)) >= P:
        return None
    p = mann_whitney(before, after)
    if what == FAILURES:
        was, now = sum(before) / len(before), sum(after) / len(after)
    else:
        was, now = median(before), median(after)
    if p >= P or (what != FAILURES and abs(now - was) <= CHANGE * was):
        return None
    return Difference(target, what, was, now, p, worse=(now < was) == (what == SPEED))


def _numbers(samples: Iterable[Sample]) -> Mapping[tuple[str, str], list[float]]:
    own = [sample for sample in samples if sample.measurement == MEASUREMENT]
    counted = steady(own)
    found: dict[tuple[str, str], list[float]] = defaultdict(list)
    for sample in own:
        found[sample.target, FAILURES].append(float(sample.outcome != "ok"))
    for sample in counted:
        seconds = time_of(sample)
        if seconds is not None:
            found[sample.target, case_of(sample)].append(seconds)
    for block in rates_by_block(counted).values():
        for target, rates in block.items():
            found[target, SPEED] += rates
    return found
