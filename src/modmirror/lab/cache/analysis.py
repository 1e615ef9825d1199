"""From the samples and events of a run to what its caches are worth. Pure."""

from __future__ import annotations

from collections import Counter, defaultdict
from math import log
from statistics import fmean
from typing import TYPE_CHECKING

import msgspec

from modmirror.lab.analysis.estimates import quantile_estimate, ratio_estimate
from modmirror.lab.cache.coalescing import COUNTED, INFERRED, SAID, by_count, by_ends, by_words
from modmirror.lab.cache.temperature import Asked, hits_by_temperature, said_in_headers
from modmirror.lab.results.cache import CacheResult, HotResource, TargetCache
from modmirror.measure.ranks import shift

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from modmirror.lab.results.events import Event
    from modmirror.measure.sample import Sample

NAME = "cache"
COLD, WARM, TRAFFIC, TOGETHER = "cold", "warm", "traffic", "together"
"""Cases of samples."""
UPSTREAM = "cache-upstream"
"""Name of the events that hold an :class:`UpstreamCount`."""

_MEDIAN = 0.5
_TOP = 20
_SHORTEST = 1e-9


class UpstreamCount(msgspec.Struct, frozen=True):
    """Requests that a mirror sent upstream meanwhile."""

    target: str
    together: bool
    """Whether many asked at once, or one alone."""
    requests: int


def cache_result(samples: Sequence[Sample], events: Sequence[Event]) -> CacheResult:
    """Return the result of a run, whole or not."""
    by_target: dict[str, list[Sample]] = defaultdict(list)
    for sample in samples:
        by_target[sample.target].append(sample)
    counts = [
        msgspec.json.decode(each.text, type=UpstreamCount) for each in events if each.name == UPSTREAM
    ]
    return CacheResult(
        targets={
            name: _target(found, [count for count in counts if count.target == name])
            for name, found in by_target.items()
        },
        hot=_hottest(samples),
    )


def _target(samples: Sequence[Sample], counts: Sequence[UpstreamCount]) -> TargetCache:
    waits = _waits(samples)
    pairs = [(waits[COLD][block], waits[WARM][block]) for block in waits[COLD] if block in waits[WARM]]
    logs = [log(max(fmean(cold), _SHORTEST) / max(fmean(warm), _SHORTEST)) for cold, warm in pairs]
    cold = quantile_estimate([each for cold, _ in pairs for each in cold], _MEDIAN)
    warm = quantile_estimate([each for _, warm in pairs for each in warm], _MEDIAN)
    coalescing, how = _coalescing(samples, counts, cold.value)
    Counter(sample.block for sample in samples if sample.case == TOGETHER)
    saved = None if cold.value is None or warm.value is None else cold.value - warm.value
    return TargetCache(
        cold=cold,
        warm=warm,
        ratio=ratio_estimate(shift(logs), len(logs)),
        coalescing=coalescing,
        concurrent=max(
            Counter(each.block for each in samples if each.case == TOGETHER).values(), default=0
        ),
        hits=hits_by_temperature(_asked(samples)),
        saved_seconds=saved,
        notes=tuple(note for note in (how, *_notes(samples)) if note),
    )


def _waits(samples: Iterable[Sample]) -> dict[str, dict[int, list[float]]]:
    """Return seconds of waiting by case, then by block; a file that was there already was not cold."""
    found: dict[str, dict[int, list[float]]] = {COLD: {}, WARM: {}}
    for sample in samples:
        wait = sample.timing.wait
        if sample.case not in found or sample.outcome != "ok" or wait is None:
            continue
        if sample.case == COLD and said_in_headers(sample.headers) == "hit":
            continue
        found[sample.case].setdefault(sample.block, []).append(wait)
    return found


def _coalescing(
    samples: Sequence[Sample], counts: Sequence[UpstreamCount], wait: float | None
) -> tuple[float | None, str]:
    groups: dict[int, list[Sample]] = defaultdict(list)
    for sample in samples:
        if sample.case == TOGETHER and sample.outcome == "ok":
            groups[sample.block].append(sample)
    if not groups:
        return None, ""
    counted = by_count(
        *([each.requests for each in counts if each.together is which] for which in (True, False))
    )
    if counted is not None:
        return counted, COUNTED
    words = by_words([[said_in_headers(each.headers) for each in group] for group in groups.values()])
    if words is not None:
        return words, SAID
    ends = [[each.intended + each.timing.total for each in group] for group in groups.values()]
    return by_ends(ends, wait), INFERRED


def _asked(samples: Iterable[Sample]) -> list[Asked]:
    ordered = sorted(samples, key=lambda sample: sample.started)
    return [
        Asked(sample.started, sample.path, said_in_headers(sample.headers))
        for sample in ordered
        if sample.outcome == "ok" and sample.case != TOGETHER
    ]


def _notes(samples: Sequence[Sample]) -> list[str]:
    cold = [sample for sample in samples if sample.case == COLD]
    failed = sum(sample.outcome != "ok" for sample in cold)
    there = sum(said_in_headers(sample.headers) == "hit" for sample in cold)
    notes = []
    if there:
        notes.append(f"{there} of {len(cold)} files were cached already and are left out")
    if failed:
        notes.append(f"{failed} of {len(cold)} files were not to be had")
    if cold and not any(said_in_headers(sample.headers) for sample in samples):
        notes.append("answers say nothing of a cache: whether a file was cold is assumed")
    return notes


def _hottest(samples: Sequence[Sample]) -> tuple[HotResource, ...]:
    counts = Counter(sample.path for sample in samples)
    return tuple(HotResource(path, count, 0) for path, count in counts.most_common(_TOP))
