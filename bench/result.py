"""What a measurement yields: pairs of numbers, their ratio, and whether the ratio meets its bar. Pure."""

from __future__ import annotations

from dataclasses import dataclass, field
from statistics import median
from typing import TYPE_CHECKING, Literal

from modmirror.measure.quantiles import interval

if TYPE_CHECKING:
    from collections.abc import Sequence

    from modmirror.measure.quantiles import Interval

_MEDIAN = 0.5

Unit = Literal["x", "ms", "s", "MB"]
Verdict = Literal["pass", "tie", "fail"]


@dataclass(frozen=True, slots=True)
class Bar:
    """What is asked of a value: at least, or at most, ``limit``. None asks nothing."""

    limit: float | None
    sense: Literal["at least", "at most"] = "at least"

    def met_by(self, value: float) -> bool:
        """Say whether ``value`` is good enough."""
        if self.limit is None:
            return True
        return value >= self.limit if self.sense == "at least" else value <= self.limit


FOR_INFORMATION = Bar(None)


@dataclass(frozen=True, slots=True)
class Result:
    """One line of the table.

    ``values`` are one number a repetition: the ratio or difference of two measurements taken one right
    after the other, or a plain measurement. ``details`` holds what was measured, for the JSON file.
    """

    title: str
    unit: Unit
    bar: Bar
    values: tuple[float, ...] = ()
    note: str = ""
    details: dict[str, tuple[float, ...]] = field(default_factory=dict)
    unavailable: str = ""
    """Why there are no values."""

    @property
    def value(self) -> float:
        """The median."""
        return median(self.values)

    @property
    def interval(self) -> Interval | None:
        """Between what the true median lies, 95 times in 100; None with fewer than six repetitions."""
        return interval(self.values, _MEDIAN)

    @property
    def verdict(self) -> Verdict | None:
        """``tie`` when the bar lies within the interval, so that more or less than it cannot be told.

        None when nothing is asked, or nothing was measured.
        """
        if self.unavailable or self.bar.limit is None:
            return None
        if self.bar.met_by(self.value):
            return "pass"
        between = self.interval
        reached = between is not None and (self.bar.met_by(between.low) or self.bar.met_by(between.high))
        return "tie" if reached else "fail"


def ratios(left: Sequence[float], right: Sequence[float]) -> tuple[float, ...]:
    """Divide measurements of the same repetition: a busy moment of the machine touches both."""
    return tuple(a / b for a, b in zip(left, right, strict=True))


def differences(left: Sequence[float], right: Sequence[float]) -> tuple[float, ...]:
    """Subtract measurements of the same repetition."""
    return tuple(a - b for a, b in zip(left, right, strict=True))
