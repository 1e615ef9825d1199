"""Numbers as people read them: three figures that matter and a unit. The one place that rounds."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from modmirror.lab.report.phrases import TOO_SMALL, Phrase, same

if TYPE_CHECKING:
    from collections.abc import Callable

    from modmirror.lab.results.estimates import Estimate, Share

FIGURES = 3
_TIMES = ((86400.0, "d"), (3600.0, "h"), (1.0, "s"), (1e-3, "ms"))
_LONG = 7200.0
"""Up to here lags read best in seconds and minutes."""


def figures(value: float) -> str:
    """Return a number with three figures that matter, never in powers of ten."""
    if value == 0 or not math.isfinite(value):
        return "0" if value == 0 else str(value)
    digits = FIGURES - 1 - math.floor(math.log10(abs(value)))
    return f"{round(value, digits):,.{max(0, min(digits, 6))}f}"


def seconds(value: float) -> str:
    """Return a duration, as ``12.3 ms``, ``1.20 s`` or ``35.0 min``."""
    if value <= 0:
        return "0 ms"
    if 600 <= value < _LONG:  # noqa: PLR2004 - ten minutes
        return f"{figures(value / 60)} min"
    for size, unit in _TIMES:
        if value >= size:
            return f"{figures(value / size)} {unit}"
    return f"{figures(value * 1e6)} µs"


def size(value: float) -> str:
    """Return a number of bytes, as ``1.50 MB``."""
    for unit, factor in (("GB", 1e9), ("MB", 1e6), ("kB", 1e3)):
        if value >= factor:
            return f"{figures(value / factor)} {unit}"
    return f"{value:.0f} B"


def speed(value: float) -> str:
    """Return bytes a second, as ``12.0 MB/s``."""
    return f"{size(value)}/s"


def rate(value: float) -> str:
    """Return requests a second."""
    return f"{figures(value)}/s"


def percent(value: float) -> str:
    """Return a share as ``99.5 %``; what is not all never reads 100 %."""
    shown = f"{value * 100:.1f}"
    if value < 1 and shown == "100.0":
        return "> 99.9 %"
    return f"{shown.removesuffix('.0')} %"


def times(value: float) -> str:
    """Return a ratio as ``1.25×``."""
    return f"{figures(value)}×"


def chance(p: float) -> str:
    """Return a p value; what is tiny never reads as nothing."""
    return f"{p:.3f}" if p >= 0.001 else "< 0.001"  # noqa: PLR2004 - the last digit shown


def estimate(value: Estimate, show: Callable[[float], str]) -> Phrase:
    """Return an estimate with its interval, or that there were too few samples for it."""
    if value.value is None:
        return Phrase(f"{TOO_SMALL.en} (n = {value.n})", f"{TOO_SMALL.zh}(n = {value.n})")
    if value.low is None or value.high is None:
        return same(show(value.value))
    return same(f"{show(value.value)} [{show(value.low)}, {show(value.high)}]")


def optional(value: float | None, show: Callable[[float], str]) -> Phrase:
    """Return a number, or a dash where there is none."""
    return same("–" if value is None else show(value))


def share(value: Share) -> str:
    """Return counts with their share, as ``98/100 = 98 % [93 %, 99.4 %]``."""
    if not value.n:
        return "–"
    middle = percent(value.ok / value.n)
    return f"{value.ok}/{value.n} = {middle} [{percent(value.low)}, {percent(value.high)}]"
