"""Which first blocks of a bench are warm-up: caches that fill, a client that has just begun (lab.md 2.4).

Blocks are left out whole, for every target: what remains is still complete, and pairs stay pairs. Nothing
is lost: the samples are kept, and a failure counts wherever it was.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from math import log
from typing import TYPE_CHECKING

from modmirror.lab.analysis.times import SHORTEST, case_of, time_of
from modmirror.measure.warmup import ALPHA, room_for, warm_up

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from modmirror.measure.sample import Sample
    from modmirror.measure.warmup import WarmUp


def warm_ups(samples: Sequence[Sample]) -> dict[str, WarmUp]:
    """Return by target how many first blocks were slow, for the targets of a bench that began slowly.

    Downloads are too few to tell. All targets share one error: the more there are, the less each may err.
    """
    blocks = sorted({sample.block for sample in samples})
    targets = _by_target(samples)
    found = {}
    for target, own in targets.items():
        cases = _cases(own)
        slow = warm_up(cases, ALPHA / len(targets))
        if slow is not None:
            # A block in which nothing was answered has no time, but is one of the first all the same.
            answered = sorted(set().union(*cases))
            count = blocks.index(answered[slow.count])
            # Who was silent for longer was out, and costs the others none of their blocks.
            if count <= room_for(len(blocks)):
                found[target] = replace(slow, count=count)
    return found


def left_out(found: Mapping[str, WarmUp]) -> int:
    """Return how many first blocks are warm-up of somebody."""
    return max((each.count for each in found.values()), default=0)


def steady(samples: Sequence[Sample], found: Mapping[str, WarmUp] | None = None) -> list[Sample]:
    """Return the samples of a bench without its warm-up.

    Args:
        samples: of one bench.
        found: what :func:`warm_ups` said of them, where the caller knows it already.
    """
    cut = left_out(warm_ups(samples) if found is None else found)
    blocks = sorted({sample.block for sample in samples})
    kept = set(blocks[cut:])
    return [sample for sample in samples if sample.block in kept]


def _by_target(samples: Sequence[Sample]) -> dict[str, list[Sample]]:
    found: dict[str, list[Sample]] = defaultdict(list)
    for sample in samples:
        if not sample.case.startswith("zip"):
            found[sample.target].append(sample)
    return found


def _cases(samples: Sequence[Sample]) -> list[dict[int, float]]:
    """Return the logarithms of the times of each case by block."""
    found: dict[str, dict[int, float]] = defaultdict(dict)
    for sample in samples:
        seconds = time_of(sample)
        if seconds is not None:
            found[case_of(sample)][sample.block] = log(max(seconds, SHORTEST))
    return list(found.values())
