"""What ``lab fault`` found: each repetition of each scenario, request by request."""

from __future__ import annotations

from msgspec import Struct

from modmirror.lab.results.events import Event  # noqa: TC001 - msgspec reads the annotations
from modmirror.lab.results.protocol import Verdict  # noqa: TC001 - msgspec reads the annotations


class FaultPoint(Struct, frozen=True):
    """One request during a scenario."""

    at: float
    ok: bool
    stale: bool
    seconds: float
    kind: str = ""
    """``hit``, ``list`` or ``miss``: whether it needed the upstream."""


class FaultRun(Struct, frozen=True):
    """One repetition of a scenario."""

    points: tuple[FaultPoint, ...]
    events: tuple[Event, ...]
    detect: float | None
    """Seconds from the fault to the first sign that the mirror noticed."""
    gap: float
    """Longest time without a good answer."""
    stale: int
    recover: float | None
    """Seconds from the end of the fault until P95 is within 1.2 times that of before."""
    overshoot: int
    """Requests that reached the sick upstream while it should have been left alone."""
    backoff: Verdict = "unknown"
    """Whether the retries follow a full-jitter law under its cap."""
    wrong: int = 0
    """Answers with wrong bytes: must be none."""
    failures: dict[str, int] = {}
    """The most frequent failures that the client saw."""


class FaultResult(Struct, frozen=True):
    """Scenarios by name."""

    target: str
    scenarios: dict[str, tuple[FaultRun, ...]]
    skipped: dict[str, str] = {}
    """Scenarios that could not be played here, with the reason."""
