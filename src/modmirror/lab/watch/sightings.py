"""Which versions were seen where, and how long a mirror has been without one that another has.

A lag counts from the first sighting anywhere: it says at least how stale a mirror is. What is there at
the very first look has no known age and is counted from that look.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable


class Sightings:
    """Remembers the versions of one module. Only lists are read, so that looking changes nothing."""

    def __init__(self) -> None:
        self._first: dict[str, float] = {}
        self._seen: dict[str, set[str]] = {}

    def saw(self, target: str, versions: Iterable[str], now: float) -> None:
        """Note what a target's list holds at an instant. A list that could not be read is not noted."""
        listed = set(versions)
        for version in listed:
            self._first.setdefault(version, now)
        self._seen[target] = listed

    def lag(self, target: str, now: float) -> float | None:
        """Return for how many seconds the target has lacked what others have; None: its list is unknown."""
        if target not in self._seen:
            return None
        missing = self._first.keys() - self._seen[target]
        return max((now - self._first[version] for version in missing), default=0.0)
