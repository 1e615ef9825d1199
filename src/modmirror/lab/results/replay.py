"""What ``lab replay`` found: what a whole build costs from each mirror."""

from __future__ import annotations

from msgspec import Struct

from modmirror.lab.results.estimates import Estimate  # noqa: TC001 - msgspec reads the annotations


class ReplayCost(Struct, frozen=True):
    """One whole build from one target."""

    seconds: Estimate
    requests: int
    size: int
    failed: int
    go_seconds: Estimate | None = None
    """With the real go command, where there is one."""
    note: str = ""
    """How the seconds came about, where they were not simply taken."""


class ReplayResult(Struct, frozen=True):
    """What a whole build costs."""

    build: str
    targets: dict[str, ReplayCost]
