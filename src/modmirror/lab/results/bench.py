"""What ``lab bench`` found: latency and speed, with intervals, and which mirrors are tied."""

from __future__ import annotations

from msgspec import Struct

from modmirror.lab.results.estimates import Estimate  # noqa: TC001 - msgspec reads the annotations
from modmirror.measure.warmup import WarmUp  # noqa: TC001 - msgspec reads the annotations


class Distribution(Struct, frozen=True):
    """Times of one target in one case."""

    n: int
    failed: int
    mean: float | None
    median: Estimate
    p95: Estimate
    p99: Estimate
    jitter: float | None
    """Median absolute deviation by the median."""
    ecdf: tuple[tuple[float, float], ...]
    """At most 200 points of time and share."""
    phases: dict[str, float]
    """Median seconds of each phase that occurred."""
    asked: int = 0
    """Requests that were made, those of the warm-up too. ``failed`` counts among these."""

    @property
    def tried(self) -> int:
        """Requests, also of a result that was stored before they were counted."""
        return self.asked or self.n + self.failed


class Speed(Struct, frozen=True):
    """Bytes a second of downloads of at least 1 MB."""

    receive: Estimate
    """While receiving."""
    whole: Estimate
    """With everything before the first byte."""
    jitter_between: float | None = None
    jitter_within: float | None = None


class Comparison(Struct, frozen=True):
    """Two targets in one case, paired by block."""

    case: str
    first: str
    second: str
    ratio: Estimate
    """Time of ``first`` by time of ``second``."""
    p: float
    """Corrected for the number of pairs (Holm)."""
    tie: bool


class BenchResult(Struct, frozen=True):
    """Latency and speed, in randomised complete blocks."""

    cases: tuple[str, ...]
    """As ``info/warm``, ``info/cold``, ``zip-small/warm``, ``module:golang.org/x/text``."""
    targets: dict[str, dict[str, Distribution]]
    """By target, then by case."""
    speeds: dict[str, Speed]
    comparisons: tuple[Comparison, ...]
    groups: dict[str, dict[str, str]]
    """By case, then by target: letters; targets that share one are tied."""
    blocks: int
    stopped: str = ""
    """Why it ended before the planned number of blocks."""
    stopped_zh: str = ""
    warm_up: dict[str, WarmUp] | None = None
    """By target that began slowly. All times leave those blocks out. None: nobody looked."""
