"""What ``lab load`` found: each rate of a sweep, the knee, and the capacity of a closed loop."""

from __future__ import annotations

from msgspec import Struct


class LoadStep(Struct, frozen=True):
    """One rate of an open-loop sweep."""

    offered: float
    achieved: float
    dropped: int
    response: dict[str, float | None]
    """From the intended start: by ``p50``, ``p95``, ``p99``, ``p999``, ``max``."""
    service: dict[str, float | None]
    """From the real start."""
    errors: dict[str, int]
    """By outcome."""
    client_cpu: float
    """Share of one processor."""
    server_cpu: float | None = None
    server_rss: int | None = None
    server_gc_count: int | None = None
    """Runs of the server's garbage collector; None where the server does not tell."""
    server_gc_seconds: float | None = None
    """Seconds for which they held it up, together."""
    gc_pause_p99: float | None = None
    """Of the client."""
    histogram: str = ""
    """HdrHistogram V2, base64, of the response times."""
    part: str = ""
    """``sweep``, or the share of the knee that it was measured at: ``25%``."""
    n: int = 0
    """Requests that were planned."""
    rejected: int = 0
    """Answers 429; they are among the errors."""
    lateness_p99: float | None = None
    """Seconds by which the client itself began too late."""
    failed: str = ""
    """Why the rate is beyond the knee; empty when it is not."""


class LoadResult(Struct, frozen=True):
    """A rate sweep to the knee of one target, and its closed-loop capacity."""

    target: str
    arrivals: str
    steps: tuple[LoadStep, ...]
    knee: float | None
    """Last rate with error ≤ 1 %, P99 within the objective and achieved/offered ≥ 0.98."""
    reason: str = ""
    """What ended the sweep."""
    closed_capacity: float | None = None
    """Requests a second of a closed loop: its latency compares with nothing."""
    wrk_capacity: float | None = None
    """The same by wrk, where the two were compared."""
