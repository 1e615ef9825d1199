"""Where chance comes in: seeded in tests and simulations, ``random.Random()`` in a running mirror."""

from __future__ import annotations

from typing import Protocol


class Chance(Protocol):
    """A source of chance, such as :class:`random.Random`."""

    def random(self) -> float:
        """Return a number from 0.0 up to but not 1.0."""
