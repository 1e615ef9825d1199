"""Numbers with their uncertainty, which all results share, and the version of all their shapes.

What n does not allow is None: readers see :data:`TOO_SMALL`, never a made-up number (lab.md 2.4).
"""

from __future__ import annotations

from msgspec import Struct

FORMAT = 1
"""Version of the shapes of all results."""
TOO_SMALL = "n too small"


class Estimate(Struct, frozen=True):
    """A number with its 95 % confidence interval. None: too few samples for it."""

    value: float | None = None
    low: float | None = None
    high: float | None = None
    n: int = 0


class Share(Struct, frozen=True):
    """``ok`` of ``n``, with its Wilson 95 % interval."""

    ok: int
    n: int
    low: float
    high: float
