"""What the samples say: one column for each thing that a client or an upstream notices. Pure."""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING

from modmirror.measure.score import at_share

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from bench.outage.load import Sample
    from bench.outage.timeline import Phase

_SLOW = 1.0
"""Seconds from which a client notices: such an answer does not end a gap."""
_ON_ITS_WAY = 0.5
"""Seconds before everything is cut: what is asked then may be on its way when it happens."""


@dataclass(frozen=True, slots=True)
class Standing:
    """How one contender did."""

    name: str
    requests: int
    failed: int
    """Without what nobody could have answered: misses while everything upstream is cut."""
    corrupt: int
    """Of these, whole answers with wrong bytes."""
    gap: float
    """Seconds: the longest time in which no miss got a right answer within a second."""
    stale: float
    """Share of lists answered while everything upstream is cut."""
    p99: float
    """Seconds, of all requests that somebody could have answered; endless when more than 1 % failed."""
    miss_p50: float
    miss_p99: float
    """Seconds, of misses while somebody could have answered."""
    refusal: float
    """Median seconds until a client hears that a miss cannot be had, while everything is cut."""
    upstream: int
    """Requests sent to upstreams, probes and all."""
    by_phase: Mapping[str, int]
    """Failed requests by phase."""


def summarise(name: str, samples: Sequence[Sample], phases: Sequence[Phase], upstream: int) -> Standing:
    """Say how a contender did."""
    hopeless = [phase for phase in phases if phase.is_hopeless]

    def is_in_vain(sample: Sample) -> bool:
        return sample.kind == "miss" and any(
            phase.start - _ON_ITS_WAY <= sample.at < phase.end for phase in hopeless
        )

    fair = [sample for sample in samples if not is_in_vain(sample)]
    misses = [sample for sample in fair if sample.kind == "miss"]
    lists = [s for s in fair if s.kind == "list" and any(p.start <= s.at < p.end for p in hopeless)]
    return Standing(
        name=name,
        requests=len(samples),
        failed=sum(sample.outcome != "ok" for sample in fair),
        corrupt=sum(sample.outcome == "wrong" for sample in fair),
        gap=longest_gap(misses),
        stale=sum(sample.outcome == "ok" for sample in lists) / max(1, len(lists)),
        p99=_at(fair, 0.99),
        miss_p50=_at(misses, 0.50),
        miss_p99=_at(misses, 0.99),
        refusal=_median([sample.seconds for sample in samples if is_in_vain(sample)]),
        upstream=upstream,
        by_phase=_by_phase(fair, phases),
    )


def longest_gap(misses: Sequence[Sample]) -> float:
    """Return the seconds from the first bad answer of a row to the next good one, of the longest row."""
    ordered = sorted(misses, key=lambda sample: sample.at)
    longest, begin = 0.0, None
    for bad, row in groupby(ordered, key=lambda sample: sample.outcome != "ok" or sample.seconds > _SLOW):
        first = next(row).at
        if bad:
            begin = first
        elif begin is not None:
            longest, begin = max(longest, first - begin), None
    return max(longest, ordered[-1].at - begin) if begin is not None else longest


def as_table(standings: Sequence[Standing]) -> str:
    """Return a table with one column for each contender."""
    rows = [
        ("", *(each.name for each in standings)),
        ("requests", *(str(each.requests) for each in standings)),
        ("failed", *(str(each.failed) for each in standings)),
        ("  of these corrupt", *(str(each.corrupt) for each in standings)),
        ("failover gap", *(f"{each.gap:.1f} s" for each in standings)),
        ("stale lists, all cut", *(f"{each.stale:.0%}" for each in standings)),
        ("P99", *(_ms(each.p99) for each in standings)),
        ("P50 of misses", *(_ms(each.miss_p50) for each in standings)),
        ("P99 of misses", *(_ms(each.miss_p99) for each in standings)),
        ("refusal, all cut", *(_ms(each.refusal) for each in standings)),
        ("upstream requests", *(str(each.upstream) for each in standings)),
    ]
    rows += [
        (f"failed, {phase}", *(str(each.by_phase[phase]) for each in standings))
        for phase in standings[0].by_phase
    ]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return "\n".join(
        f"{row[0]:<{widths[0]}}" + "".join(f"  {c:>{w}}" for c, w in zip(row[1:], widths[1:], strict=True))
        for row in rows
    )


def _at(samples: Sequence[Sample], share: float) -> float:
    times = [sample.seconds if sample.outcome == "ok" else math.inf for sample in samples]
    return at_share(times, share) if times else math.inf


def _median(times: Sequence[float]) -> float:
    return at_share(times, 0.5) if times else math.inf


def _by_phase(samples: Sequence[Sample], phases: Sequence[Phase]) -> dict[str, int]:
    failed = dict.fromkeys((phase.name for phase in phases), 0)
    for sample in samples:
        if sample.outcome != "ok":
            phase = next((each for each in phases if each.start <= sample.at < each.end), phases[-1])
            failed[phase.name] += 1
    return failed


def _ms(seconds: float) -> str:
    return "more than 1 % fail" if math.isinf(seconds) else f"{1000 * seconds:.0f} ms"
