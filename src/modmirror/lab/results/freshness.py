"""What ``lab freshness`` found: how long new versions stay invisible, and where."""

from __future__ import annotations

from msgspec import Struct

from modmirror.lab.results.estimates import Estimate, Share  # noqa: TC001 - msgspec reads the annotations


class CurvePoint(Struct, frozen=True):
    """Share of versions that were visible after ``seconds``."""

    seconds: float
    share: float
    low: float
    high: float


class Lag(Struct, frozen=True):
    """How long new versions stay invisible in one place."""

    median: Estimate
    curve: tuple[CurvePoint, ...]
    within: dict[str, Share]
    """By ``60``, ``300`` and ``1800`` seconds."""
    versions: int
    never: int
    """Versions that did not become visible before the measurement ended (censored)."""


class FreshnessResult(Struct, frozen=True):
    """Lags by target, then by place: ``info`` (asked for by name), ``list`` and ``latest``."""

    targets: dict[str, dict[str, Lag]]
    note: str = ""
    """How the observer effect was kept out."""
    note_zh: str = ""
