"""One measured request, as it is kept for ever: every statistic is made from these (lab.md 2.3)."""

from __future__ import annotations

from collections.abc import Mapping  # noqa: TC003 - stored samples are decoded by their annotations
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

Outcome: TypeAlias = Literal[
    "ok", "dns", "refused", "reset", "tls", "timeout", "4xx", "5xx", "truncated", "mismatch", "protocol"
]
"""``ok``: the expected status with a body that passed its checks; else the class of the failure."""

Connection: TypeAlias = Literal["cold", "warm"]
"""``cold``: new connection, names looked up anew, no TLS ticket; ``warm``: a reused one."""


@dataclass(frozen=True, slots=True)
class Timing:
    """Seconds of each phase of one request. None: there was no such phase, or it was not reached."""

    dns: float | None = None
    connect: float | None = None
    """From SYN to established, of the address that won."""
    tls: float | None = None
    send: float | None = None
    wait: float | None = None
    """From the last byte of the request to the first byte of the answer."""
    receive: float | None = None
    """From the first to the last byte of the answer."""
    total: float = 0.0
    """From the intended start to the last byte, or to the failure."""

    @property
    def first_byte(self) -> float | None:
        """Seconds from the beginning of the first phase to the first byte of the answer."""
        if self.wait is None:
            return None
        phases = (self.dns, self.connect, self.tls, self.send, self.wait)
        return sum(phase for phase in phases if phase is not None)


@dataclass(frozen=True, slots=True)
class Sample:
    """One request of a run."""

    measurement: str
    """Which measurement made it: ``bench``, ``coverage``, …"""
    target: str
    """Name of the mirror that was asked."""
    case: str
    """What was asked for, within the measurement: ``info``, ``zip-large``, a stratum, a step of a load."""
    path: str
    """Escaped path below the mirror's base."""
    block: int
    """Number of the block that it belongs to: within one, every target was asked in random order."""
    intended: float
    """Seconds after the run's beginning when the request should have begun."""
    started: float
    """Seconds after the run's beginning when it did."""
    timing: Timing
    outcome: Outcome
    connection: Connection = "cold"
    status: int | None = None
    size: int = 0
    """Bytes of body received."""
    http: str = ""
    """Protocol that was spoken: ``1.1``, ``2``, ``3``."""
    address: str = ""
    """IP address that answered."""
    digest: str = ""
    """``h1:`` of a zip or go.mod where it was computed, else empty."""
    reason: str = ""
    """What went wrong, for a reader; or what the server said."""
    headers: Mapping[str, str] = field(default_factory=dict)
    """Answer headers that say something about caches, by lower-case name."""
    content: str = ""
    """SHA-256 of the body in hex where it was computed: other bytes with one ``h1:`` are a repacked zip."""
    stutter: float | None = None
    """Jitter within this download (:func:`modmirror.measure.jitter.within`), where it was long enough."""
