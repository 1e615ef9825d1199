"""Chance that does what it is told."""

from __future__ import annotations


class Fixed:
    """Always the same number."""

    def __init__(self, number: float = 0.5) -> None:
        self.number = number

    def random(self) -> float:
        return self.number
