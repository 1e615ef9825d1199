"""What a worker of the load generator is told, and what it answers: one line of JSON each."""

from __future__ import annotations

from collections import Counter
from typing import Literal

from msgspec import Struct, field

from modmirror.lab.pacer import Arrivals  # noqa: TC001 - msgspec reads the annotations
from modmirror.measure.histogram import Histogram


class Ask(Struct, frozen=True):
    """A request that was encoded beforehand, and what its answer must be."""

    payload: bytes
    size: int
    """Bytes of body; another number is a mismatch."""
    digest: str
    """SHA-256 of the body in hex; looked at for a share of the answers."""


class Place(Struct, frozen=True):
    """Where to connect to."""

    host: str
    port: int
    tls: bool = False
    ca_file: str = ""


class Job(Struct, frozen=True):
    """One step of load, as one worker does its part of it."""

    place: Place
    asks: tuple[Ask, ...]
    loop: Literal["open", "closed"]
    begin: float
    """Instant of CLOCK_MONOTONIC, which all processes share."""
    seconds: float
    seed: int
    connections: int
    """Open loop: requests under way at most; closed loop: how many clients."""
    timeout: float
    """Seconds for one request."""
    rate: float = 0.0
    """Requests a second of this worker, in an open loop."""
    offset: float = 0.0
    """Seconds by which its first constant arrival comes later than the first worker's."""
    arrivals: Arrivals = "poisson"


class Counted(Struct, frozen=True):
    """What one worker counted in one step. Histograms are encoded, because workers are processes."""

    planned: int
    answered: int
    """With the right status and size."""
    dropped: int
    rejected: int
    """Answers 429; they are errors of the class 4xx too."""
    errors: dict[str, int]
    response: str
    """Times from the intended start."""
    service: str
    """Times from the real start."""
    lateness: str
    """By how much requests began later than intended: the client's own part of the response times."""
    pauses: str
    """Of the garbage collector of the worker."""
    cpu: float
    """Seconds of processor time."""
    seconds: float
    """From the beginning to the last answer."""
    planned_span: float
    """Seconds from the first to the last intended start."""
    answered_span: float
    """Seconds from the first to the last answer."""


class Counts(Struct):
    """What is counted in one step: by one worker while it asks, and over all workers afterwards."""

    planned: int = 0
    answered: int = 0
    dropped: int = 0
    rejected: int = 0
    errors: Counter[str] = field(default_factory=Counter)
    response: Histogram = field(default_factory=Histogram)
    service: Histogram = field(default_factory=Histogram)
    lateness: Histogram = field(default_factory=Histogram)
    pauses: Histogram = field(default_factory=Histogram)
    planned_span: float = 0.0


class Merged(Counts):
    """A step over all workers. Histograms are merged before anything is read from them (lab.md 2.1)."""

    cpu: float = 0.0
    """Share of one processor that the busiest worker used."""
    seconds: float = 0.0
    answered_span: float = 0.0

    def add(self, counted: Counted) -> None:
        """Add the part of one worker."""
        self.planned += counted.planned
        self.answered += counted.answered
        self.dropped += counted.dropped
        self.rejected += counted.rejected
        self.errors.update(counted.errors)
        for name in ("response", "service", "lateness", "pauses"):
            getattr(self, name).merge(Histogram.decode(getattr(counted, name)))
        self.cpu = max(self.cpu, counted.cpu / counted.seconds if counted.seconds else 0.0)
        self.seconds = max(self.seconds, counted.seconds)
        self.planned_span = max(self.planned_span, counted.planned_span)
        self.answered_span = max(self.answered_span, counted.answered_span)
