"""The verdict on the mirrors of a run: conditions, scores, places, and how sure they are."""

from __future__ import annotations

from msgspec import Struct


class Gate(Struct, frozen=True):
    """A condition without which nothing else counts."""

    name: str
    passed: bool
    text: str
    zh: str = ""


class Ranked(Struct, frozen=True):
    """One target in the ranking."""

    target: str
    rank: int
    group: str
    """Letters; targets that share one are tied."""
    score: float | None
    """0 to 1; None when a gate failed."""
    parts: dict[str, float]
    """Desirability by dimension, 0 to 1."""
    gates: tuple[Gate, ...]
    chance: tuple[float, ...]
    """Probability of each rank."""


class Ranking(Struct, frozen=True):
    """Who is best, and how sure that is."""

    weights: dict[str, float]
    targets: tuple[Ranked, ...]
    winner: str | None
    """Named only when its chance to be best is above 0.9."""
    text: str
    """One sentence."""
