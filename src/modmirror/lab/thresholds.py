"""Bars that a user sets for a run: ``p95<200ms``, ``info/cold median<0.5s``, ``speed>2MB/s``. Pure."""

from __future__ import annotations

import operator
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from modmirror.errors import ConfigError
from modmirror.lab.results.estimates import TOO_SMALL

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator, Sequence

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
_SHOWN = {
    "seconds": (1.0, " s"),
    "ratio": (100.0, " %"),
    "bytes/s": (1e-6, " MB/s"),
    "requests/s": (1.0, "/s"),
}
"""By unit of a reading: the factor and the sign that a reader sees."""
KEY = "--require"
"""What bars are set with, on the command line."""
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
    unit: str = ""
    """``seconds``, ``ratio``, ``bytes/s``, ``requests/s``; anything else is a count."""

    @property
    def shown(self) -> str:
        """The number as a bar is written, with six figures: three could look as if they met it."""
        if self.value is None:
            return TOO_SMALL
        factor, unit = _SHOWN.get(self.unit, (1.0, ""))
        return f"{self.value * factor:.6g}{unit}"


def parse_thresholds(
    texts: Sequence[str], metrics: Collection[str], key: str = KEY
) -> tuple[Threshold, ...]:
    """Read bars over the metrics that a verb has. Raises ConfigError with ``key``."""
    return tuple(_parse(text, metrics, key) for text in texts)


def _parse(text: str, metrics: Collection[str], key: str) -> Threshold:
    found = _SYNTAX.fullmatch(text.strip())
    if not found:
        hint = 'as in "p95<200ms", "info/cold median<0.5s" or "speed>2MB/s"'
        raise ConfigError(key, f'"{text}" is no threshold', hint=hint)
    if found["metric"] not in metrics:
        hint = f"one of {', '.join(metrics)}"
        raise ConfigError(key, f'there is no metric "{found["metric"]}"', hint=hint)
    value = float(found["number"]) * _UNITS[found["unit"]]
    return Threshold(text, found["case"] or "", found["metric"], found["sign"], value)


@dataclass(frozen=True, slots=True)
class Shortfall:
    """A bar that is not met, and by what."""

    bar: str
    """As the user wrote it."""
    reading: Reading | None
    """None: nothing of the kind was measured."""

    def __str__(self) -> str:
        """Return it as a sentence."""
        if self.reading is None:
            return f"{self.bar}: nothing of the kind was measured"
        return f"{self.bar}: {self.reading.target}, {self.reading.case}: {self.reading.shown}"


def unmet(thresholds: Iterable[Threshold], readings: Sequence[Reading]) -> list[str]:
    """Return a sentence for each :func:`shortfalls`."""
    return [str(each) for each in shortfalls(thresholds, readings)]


def shortfalls(thresholds: Iterable[Threshold], readings: Sequence[Reading]) -> Iterator[Shortfall]:
    """Yield each bar that is not met, with each number that misses it.

    What was not measured does not meet a bar. A bar without a case passes over cases that are too small for
    its metric, as long as the target has one that is not.
    """
    for threshold in thresholds:
        meant = [each for each in readings if _is_meant(threshold, each)]
        known = {each.target for each in meant if each.value is not None}
        if not meant:
            yield Shortfall(threshold.text, None)
        for reading in meant:
            if _misses(threshold, reading, known):
                yield Shortfall(threshold.text, reading)


def _misses(threshold: Threshold, reading: Reading, known: Collection[str]) -> bool:
    if reading.value is None:
        return bool(threshold.case) or reading.target not in known
    return not _SIGNS[threshold.sign](reading.value, threshold.value)


def _is_meant(threshold: Threshold, reading: Reading) -> bool:
    return reading.metric == threshold.metric and threshold.case in {"", reading.case}
