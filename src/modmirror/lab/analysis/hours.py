"""Whether mirrors are slower at some hours of the day: for runs that last that long."""

from __future__ import annotations

from collections import Counter, defaultdict
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from msgspec import Struct

from modmirror.lab.analysis.times import time_of
from modmirror.measure.quantiles import median

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from modmirror.measure.sample import Sample

FROM = frozenset({"bench", "watch"})
"""Measurements whose requests are spread over their time."""
CASE = "info"
"""One small file: what differs is the hour, not what was asked for."""
LEAST = 2
"""Hours of the day that a run must touch."""
_LOCAL = "%z"


class Hour(Struct, frozen=True):
    """One hour of the day at one target."""

    n: int
    failed: int
    median: float | None


class HoursResult(Struct, frozen=True):
    """Times by hour of the day."""

    zone: str
    """Offset of the clock that the hours are of: ``+0800``."""
    case: str
    hours: tuple[str, ...]
    """Those in which something was asked for: ``00`` to ``23``."""
    targets: dict[str, dict[str, Hour]]
    """By target, then by hour."""


def hours(samples: Iterable[Sample], started: str, zone: str = "") -> HoursResult | None:
    """Return medians and failures by hour of the day; None when there were too few hours.

    Args:
        samples: of the whole run.
        started: when it began, ISO 8601 with its offset.
        zone: offset of the machine that measured, as ``+0800``; empty: that of ``started``.
    """
    own = [sample for sample in samples if sample.measurement in FROM and sample.case == CASE]
    if not own:
        return None
    # Warm and cold differ by more than hours do.
    connection = Counter(sample.connection for sample in own).most_common(1)[0][0]
    began = _local(started, zone)
    found: dict[str, dict[str, list[Sample]]] = defaultdict(lambda: defaultdict(list))
    for sample in own:
        if sample.connection == connection:
            at = began + timedelta(seconds=sample.started)
            found[sample.target][f"{at.hour:02}"].append(sample)
    seen = sorted({hour for each in found.values() for hour in each})
    if len(seen) < LEAST:
        return None
    return HoursResult(
        zone=began.strftime(_LOCAL),
        case=f"{CASE}/{connection}",
        hours=tuple(seen),
        targets={
            target: {hour: _hour(asked) for hour, asked in sorted(each.items())}
            for target, each in sorted(found.items())
        },
    )


def _local(started: str, zone: str) -> datetime:
    began = datetime.fromisoformat(started)
    if not zone:
        return began
    # fromisoformat reads an offset at the end of a time only.
    return began.astimezone(datetime.fromisoformat(f"2000-01-01T00:00:00{zone}").tzinfo)


def _hour(samples: Sequence[Sample]) -> Hour:
    times = [seconds for sample in samples if (seconds := time_of(sample)) is not None]
    return Hour(
        n=len(samples),
        failed=sum(sample.outcome != "ok" for sample in samples),
        median=median(times) if times else None,
    )
