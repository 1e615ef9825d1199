"""What ``lab cache`` found: what a cache saves, and which resources are hot."""

from __future__ import annotations

from msgspec import Struct

from modmirror.lab.results.estimates import Estimate, Share  # noqa: TC001 - msgspec reads the annotations


class HotResource(Struct, frozen=True):
    """A resource that is asked for often."""

    path: str
    count: int
    error: int
    """The count may be too high by this much."""


class TargetCache(Struct, frozen=True):
    """What a cache does for one target."""

    cold: Estimate
    warm: Estimate
    ratio: Estimate
    """Cold wait by warm wait."""
    coalescing: float | None
    """Upstream requests for simultaneous requests of one cold file; 1 is ideal."""
    concurrent: int = 0
    hits: dict[str, Share] = {}
    """By temperature: ``hot``, ``warm``, ``cold``."""
    saved_seconds: float | None = None
    """What one hit saves against one miss."""
    notes: tuple[str, ...] = ()
    """How it was found out, and what could not be."""


class CacheResult(Struct, frozen=True):
    """Hot against cold."""

    targets: dict[str, TargetCache]
    hot: tuple[HotResource, ...] = ()
