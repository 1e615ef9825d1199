"""From what workers counted to the steps and the result that are reported. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import msgspec

from modmirror.lab.kept import last_of, values_of
from modmirror.lab.load.sweep import failing, knee, why
from modmirror.lab.results.load import LoadResult, LoadStep
from modmirror.measure.quantiles import least_n

if TYPE_CHECKING:
    from collections.abc import Sequence

    from modmirror.lab.load.collector import Pauses
    from modmirror.lab.load.job import Merged
    from modmirror.lab.load.server import Usage
    from modmirror.lab.load.sweep import Objective
    from modmirror.lab.results.events import Event
    from modmirror.measure.histogram import Histogram

STEP = "load-step"
CLOSED = "load-closed"
WRK = "load-wrk"
BEGUN = "load-begun"
"""Names of the events that a result is made from."""
SWEEP = "sweep"

_QUANTILES = {"p50": 0.5, "p95": 0.95, "p99": 0.99, "p999": 0.999}


class Begun(msgspec.Struct, frozen=True):
    """What a load was set up for."""

    target: str
    arrivals: str


@dataclass(frozen=True, slots=True)
class Seen:
    """What is known of the server in a step; None where it cannot be seen, or does not tell."""

    before: Usage | None = None
    after: Usage | None = None
    pauses: Pauses | None = None
    """Of its garbage collector, meanwhile."""

    @property
    def cpu(self) -> float | None:
        """Seconds of processor time that it used."""
        return None if self.before is None or self.after is None else self.after.cpu - self.before.cpu


UNSEEN = Seen()


def times(histogram: Histogram) -> dict[str, float | None]:
    """Return the quantiles, None where there are too few times for one, and the longest."""
    found: dict[str, float | None] = {
        name: histogram.quantile(q) if len(histogram) >= least_n(q) else None
        for name, q in _QUANTILES.items()
    }
    found["max"] = histogram.maximum
    return found


def step_of(
    merged: Merged,
    offered: float,
    part: str,
    objective: Objective,
    server: Seen = UNSEEN,
) -> LoadStep:
    """Return a step as it is reported.

    Args:
        merged: All that the workers counted.
        offered: Requests a second that were asked of them.
        part: As in ``LoadStep.part``.
        objective: What the step is held against.
        server: What is known of the server.
    """
    used, after, pauses = server.cpu, server.after, server.pauses
    step = LoadStep(
        offered=offered,
        achieved=offered * share_achieved(merged),
        dropped=merged.dropped,
        response=times(merged.response),
        service=times(merged.service),
        errors=dict(sorted(merged.errors.items())),
        client_cpu=merged.cpu,
        server_cpu=None if used is None or not merged.seconds else used / merged.seconds,
        server_rss=None if after is None else after.rss,
        server_gc_count=None if pauses is None else pauses.count,
        server_gc_seconds=None if pauses is None else pauses.seconds,
        gc_pause_p99=merged.pauses.quantile(0.99),
        histogram=merged.response.encode(),
        part=part,
        n=merged.planned,
        rejected=merged.rejected,
        lateness_p99=merged.lateness.quantile(0.99),
    )
    return msgspec.structs.replace(step, failed=failing(step, objective))


def share_achieved(merged: Merged) -> float:
    """Return answered by offered rate.

    Both rates are taken from the first to the last of their instants: so the time that the last answer
    takes makes no difference, and answers that come ever later do.
    """
    if not merged.planned:
        return 0.0
    share = merged.answered / merged.planned
    if merged.answered_span <= merged.planned_span:
        return share
    return share * merged.planned_span / merged.answered_span


def load_result(events: Sequence[Event]) -> LoadResult:
    """Make the result from the events of a run, whole or not. Of several loads, the last counts."""
    begun = last_of(events, BEGUN, Begun) or Begun("", "")
    starts = [number for number, event in enumerate(events) if event.name == BEGUN]
    events = events[starts[-1] :] if starts else ()
    steps = tuple(values_of(events, STEP, LoadStep))
    swept = [step for step in steps if step.part == SWEEP]
    return LoadResult(
        target=begun.target,
        arrivals=begun.arrivals,
        steps=steps,
        knee=knee(swept),
        reason=why(swept),
        closed_capacity=last_of(events, CLOSED, float),
        wrk_capacity=last_of(events, WRK, float),
    )
