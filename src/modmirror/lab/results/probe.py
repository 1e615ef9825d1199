"""What ``lab probe`` found: a first look at each mirror, cold and warm, phase by phase."""

from __future__ import annotations

from msgspec import Struct


class Side(Struct, frozen=True):
    """A few requests of one kind: too few for intervals, enough for a first look."""

    n: int
    failed: int
    total: float | None
    """Median seconds of the answers that came, whatever their status."""
    phases: dict[str, float]
    """Median seconds of each phase that occurred."""


class ProbeTarget(Struct, frozen=True):
    """One look at one mirror."""

    url: str
    cold: Side
    warm: Side
    status: int | None = None
    address: str = ""
    http: str = ""
    tls: str = ""
    """Version and cipher."""
    issuer: str = ""
    expires: str = ""
    """Of the certificate, as it writes it."""
    rtt: float | None = None
    """Round trip as the kernel sees it."""
    headers: dict[str, str] = {}
    """Those that betray caches."""
    reason: str = ""
    """Why there was no good answer."""
    emulated_connect: float = 0.0
    """Seconds of the connect phase that the lab itself added."""


class ProbeResult(Struct, frozen=True):
    """Phases cold and warm, by target."""

    path: str
    targets: dict[str, ProbeTarget]
