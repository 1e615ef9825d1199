"""From the samples and events of a run to what a build costs. Pure."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

import msgspec

from modmirror.lab.analysis.estimates import quantile_estimate
from modmirror.lab.kept import last_of, values_of
from modmirror.lab.results.replay import ReplayCost, ReplayResult

if TYPE_CHECKING:
    from collections.abc import Sequence

    from modmirror.lab.results.events import Event
    from modmirror.measure.sample import Sample

NAME = "replay"
BUILD = "replay-build"
TOOK = "replay-took"
"""Names of the events that a result is made from."""

COMPUTED = "computed from requests that were made one at a time, as if ten were under way"
_MEDIAN = 0.5


class Took(msgspec.Struct, frozen=True):
    """One whole build from one target."""

    target: str
    seconds: float
    go: bool = False
    """With the go command."""
    computed: bool = False
    """Requests were made one at a time, out of politeness."""
    failed: str = ""
    """Why it was not whole; then the seconds say nothing."""


def replay_result(samples: Sequence[Sample], events: Sequence[Event]) -> ReplayResult:
    """Return the result of a run, whole or not."""
    took = values_of(events, TOOK, Took)
    by_target: dict[str, list[Took]] = defaultdict(list)
    for each in took:
        by_target[each.target].append(each)
    return ReplayResult(
        build=last_of(events, BUILD, str) or "",
        targets={name: _cost(name, samples, found) for name, found in by_target.items()},
    )


def _cost(name: str, samples: Sequence[Sample], took: Sequence[Took]) -> ReplayCost:
    own = [sample for sample in samples if sample.target == name]
    last = max((sample.block for sample in own), default=0)
    one = [sample for sample in own if sample.block == last]
    replayed = [each for each in took if not each.go]
    by_go = [each for each in took if each.go]
    notes = [COMPUTED] if any(each.computed for each in replayed) else []
    notes += dict.fromkeys(each.failed for each in took if each.failed)
    return ReplayCost(
        seconds=quantile_estimate([each.seconds for each in replayed if not each.failed], _MEDIAN),
        requests=len(one),
        size=sum(sample.size for sample in one),
        failed=sum(sample.outcome != "ok" for sample in own),
        go_seconds=quantile_estimate([each.seconds for each in by_go if not each.failed], _MEDIAN)
        if by_go
        else None,
        note="; ".join(notes),
    )
