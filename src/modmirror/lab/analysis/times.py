"""Which times of a bench count, and for what: by case, then by block, then by target."""

from __future__ import annotations

from collections import defaultdict
from math import log
from statistics import fmean
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from modmirror.measure.sample import Sample

Blocks: TypeAlias = "dict[int, dict[str, list[float]]]"
"""By number of a block, then by target: seconds."""

LARGE = 1_000_000
"""Bytes from which a download tells a speed."""
SHORTEST = 1e-9
"""Seconds; a clock that did not move must not make a ratio endless."""


def case_of(sample: Sample) -> str:
    """Return the case as results name it: ``info/warm``; a module by name is warm if nothing is said."""
    if sample.case.startswith("module:") and sample.connection == "warm":
        return sample.case
    return f"{sample.case}/{sample.connection}"


def asked_for(case: str) -> str:
    """Return the ``Sample.case`` of a case as results name it."""
    return case.removesuffix("/warm").removesuffix("/cold")


def time_of(sample: Sample) -> float | None:
    """Return the seconds that a request took, or None where it has none.

    A timeout counts with the time that was waited: it took at least so long, and leaving it out would make
    a mirror that hangs look fast. Other failures may be quick and say nothing about time.
    """
    return sample.timing.total if sample.outcome in {"ok", "timeout"} else None


def times_by_case(samples: Iterable[Sample]) -> dict[str, Blocks]:
    """Return the times of all requests that have one, in the order in which cases first came."""
    found: dict[str, Blocks] = {}
    for sample in samples:
        seconds = time_of(sample)
        if seconds is not None:
            blocks = found.setdefault(case_of(sample), {})
            blocks.setdefault(sample.block, defaultdict(list))[sample.target].append(seconds)
    return found


def rates_by_block(samples: Iterable[Sample]) -> Blocks:
    """Return bytes a second while receiving, of complete downloads that were large enough."""
    found: Blocks = {}
    for sample in samples:
        receive = sample.timing.receive
        if sample.outcome == "ok" and sample.size >= LARGE and receive:
            blocks = found.setdefault(sample.block, defaultdict(list))
            blocks[sample.target].append(sample.size / receive)
    return found


def log_ratios(blocks: Mapping[int, Mapping[str, Sequence[float]]], first: str, second: str) -> list[float]:
    """Return the logarithm of ``first`` by ``second`` in each block that has both, block by block."""
    return [
        _log_mean(times[first]) - _log_mean(times[second])
        for _, times in sorted(blocks.items())
        if times.get(first) and times.get(second)
    ]


def _log_mean(times: Sequence[float]) -> float:
    return fmean(log(max(seconds, SHORTEST)) for seconds in times)
