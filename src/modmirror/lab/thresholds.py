"""Bars that a user sets for a run: ``p95<200ms``, ``info/cold median<0.5s``, ``speed>2MB/s``. Pure."""

from __future__ import annotations

import operator
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from modmirror.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

_SYNTAX = re.compile(
    r"(?:(?P<case>\S+)\s+)?(?P<metric>[a-z][a-z0-9_]*)\s*(?P<sign><=|>=|<|>)\s*"
    r"(?P<number>\d+(?:\.\d+)?)\s*(?P<unit>us|ms|s|%|kB/s|MB/s|)"
)
_SIGNS: dict[str, Callable[[float, float], bool]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}
_UNITS = {"": 1.0, "us": 1e-6, "ms": 1e-3, "s": 1.0, "%": 0.01, "kB/s": 1e3, "MB/s": 1e6}


@dataclass(frozen=True, slots=True)
class Threshold:
    """One bar."""

    text: str
    """As the user wrote it."""
    case: str
    """Empty: every case that has the metric."""
    metric: str
    sign: str
    value: float
    """In seconds, bytes a second, or as a share."""


@dataclass(frozen=True, slots=True)
class Reading:
    """One number of a result, in the same units."""

    target: str
    case: str
    metric: str
    value: float | None
    """None: too few samples for it."""


def parse_thresholds(texts: Sequence[str], metrics: Sequence[str]) -> tuple[Threshold, ...]:
    """Read bars over the metrics that a verb has. Raises ConfigError with key ``--require``."""
    return tuple(_parse(text, metrics) for text in texts)


def _parse(text: str, metrics: Sequence[str]) -> Threshold:
    found = _SYNTAX.fullmatch(text.strip())
    if not found:
        hint = 'as in "p95<200ms", "info/cold median<0.5s" or "speed>2MB/s"'
        raise ConfigError("--require", f'"{text}" is no threshold', hint=hint)
    if found["metric"] not in metrics:
        raise ConfigError(
            "--require", f'there is no metric "{found["metric"]}"', hint=f"one of {', '.join(metrics)}"
        )
    value = float(found["number"]) * _UNITS[found["unit"]]
    return Threshold(text, found["case"] or "", found["metric"], found["sign"], value)


def unmet(thresholds: Iterable[Threshold], readings: Sequence[Reading]) -> list[str]:
    """Return a sentence for each bar that is not met.

    What was not measured does not meet a bar. A bar without a case passes over cases that are too small for
    its metric, as long as the target has one that is not.
    """
    sentences: list[str] = []
    for threshold in thresholds:
        meant = [each for each in readings if _is_meant(threshold, each)]
        known = {each.target for each in meant if each.value is not None}
        if not meant:
            sentences.append(f"{threshold.text}: nothing of the kind was measured")
        for reading in meant:
            if reading.value is None and (threshold.case or reading.target not in known):
                sentences.append(f"{threshold.text}: {reading.target}, {reading.case}: n too small")
            elif reading.value is not None and not _SIGNS[threshold.sign](reading.value, threshold.value):
                found = f"{reading.value:.6g}"
                sentences.append(f"{threshold.text}: {reading.target}, {reading.case}: {found}")
    return sentences


def _is_meant(threshold: Threshold, reading: Reading) -> bool:
    return reading.metric == threshold.metric and threshold.case in {"", reading.case}
