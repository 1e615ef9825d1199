"""How long a changeable answer may be served (design.md section 2, "Freshness in three classes").

Canonical ``.info``, ``.mod`` and ``.zip`` never change and are no business of this file. Version lists,
``@latest`` and version queries do: they are fresh for a while, then served once more while a new answer
is fetched, then only when fetching fails.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum


@dataclass(frozen=True, slots=True)
class FreshnessSettings:
    """Ages in seconds, counted from the moment an upstream answered."""

    ttl: float = 60.0
    """Served without asking again."""
    stale_while_revalidate: float = 600.0
    """Beyond ttl: served at once while a new answer is fetched behind it."""
    stale_if_error: float = 604_800.0
    """Beyond ttl: served, marked stale, when no upstream gives a new answer."""
    patience: float = 5.0
    """How long a client waits for a new answer where the old one would do; after that it gets the old one,
    marked stale, and the new one goes on being fetched. Upstreams that say nothing at all need it."""
    negative_ttl: float = 60.0
    """How long "not found" is remembered."""


class Freshness(Enum):
    """What may be done with a stored answer now."""

    FRESH = "fresh"
    REVALIDATE = "revalidate"
    """Serve it, and fetch a new one behind it."""
    STALE_IF_ERROR = "stale-if-error"
    """Fetch a new one first; serve this only if that fails."""
    EXPIRED = "expired"


def judge(settings: FreshnessSettings, *, age: float) -> Freshness:
    """Say what may be done with an answer that is ``age`` seconds old.

    A negative age means that the clock was set back: nobody knows how old the answer is, so a new one is
    fetched, and this one serves if that fails.
    """
    if age < 0:
        return Freshness.STALE_IF_ERROR
    if age < settings.ttl:
        return Freshness.FRESH
    if age < settings.ttl + settings.stale_while_revalidate:
        return Freshness.REVALIDATE
    if age < settings.ttl + settings.stale_if_error:
        return Freshness.STALE_IF_ERROR
    return Freshness.EXPIRED
