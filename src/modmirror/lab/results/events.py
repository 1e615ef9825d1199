"""What happened in a run beside requests: kept with its samples, and told in timelines."""

from __future__ import annotations

from msgspec import Struct


class Event(Struct, frozen=True):
    """Something that happened at ``at`` seconds after the beginning, maybe until ``until``."""

    at: float
    name: str
    text: str = ""
    until: float | None = None
