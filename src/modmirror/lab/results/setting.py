"""What ``lab recommend`` computes from results: what to configure, and why."""

from __future__ import annotations

from msgspec import Struct


class Reason(Struct, frozen=True):
    """Why one part of a setting is as it is."""

    part: str
    en: str
    zh: str


class Setting(Struct, frozen=True):
    """What to configure, computed from the results. Empty ``goproxy``: nothing can be recommended."""

    goproxy: str
    gosumdb: str
    gonosumdb: str = ""
    toml: str = ""
    """The ``[[route]]`` block of a mirror of one's own."""
    reasons: tuple[Reason, ...] = ()
    warnings: tuple[Reason, ...] = ()
