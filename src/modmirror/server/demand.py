"""What clients have asked for since somebody last looked: modules by name, and bytes they waited for.

A hit from memory pays one dictionary step for this; what it means is found out elsewhere, once a second.
"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping


class Demand:
    """Counts since the last look. For one thread."""

    __slots__ = ("asked", "fetched")

    def __init__(self) -> None:
        self.asked: defaultdict[str, int] = defaultdict(int)
        """Answers by module path; under the empty one what is about no module."""
        self.fetched = 0
        """Bytes of answers that an upstream had to be asked for."""

    def take(self) -> tuple[Mapping[str, int], int]:
        """Return both counts, and begin again at nothing."""
        asked, fetched = self.asked.copy(), self.fetched
        self.asked.clear()
        self.fetched = 0
        asked.pop("", None)
        return asked, fetched
