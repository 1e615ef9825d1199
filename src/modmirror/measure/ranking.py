"""Who is best, and how sure that is: ranks from scores that were drawn again and again (lab.md 7).

Each draw scores everybody from a resampled run. How often a name comes first is its chance to be best; two
names whose order changes too often between draws are tied.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations
from typing import TYPE_CHECKING

from modmirror.measure.quantiles import ALPHA
from modmirror.measure.ties import letters

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

SURE = 0.9
"""A winner is named only when its chance to be best is above this, and it is tied with nobody."""
_SAME = 1e-9
"""Scores that differ by less are equal: rounding must not make a winner."""


@dataclass(frozen=True, slots=True)
class Standing:
    """One name in the ranking."""

    name: str
    rank: int
    """1 for all that nobody surely beats."""
    group: str
    """Letters; names that share one are tied."""
    chance: tuple[float, ...]
    """Probability of each rank, first to last."""


def standings(scores: Mapping[str, float], draws: Sequence[Mapping[str, float]]) -> tuple[Standing, ...]:
    """Rank by score, best first.

    Args:
        scores: of the run as it was.
        draws: of the run as it might have been; each has the same names.
    """
    best_first = sorted(scores, key=lambda name: (-scores[name], name))
    beats = {
        (one, other): _share_above(one, other, draws)
        for pair in combinations(best_first, 2)
        for one, other in (pair, pair[::-1])
    }
    ties = {frozenset(pair) for pair, share in beats.items() if ALPHA / 2 < share < 1 - ALPHA / 2}
    groups = letters(best_first, ties)
    chances = _chances(best_first, draws)
    return tuple(
        Standing(
            name,
            1 + sum(beats[other, name] >= 1 - ALPHA / 2 for other in best_first if other != name),
            groups[name],
            chances[name],
        )
        for name in best_first
    )


def winner(ranked: Sequence[Standing]) -> str | None:
    """Return the name whose chance to be best is above 0.9 and that is tied with nobody; else None.

    Of two that are alike one has a chance above 0.9 in every fifth run. A tie is a tie all the same.
    """
    first = [each for each in ranked if each.rank == 1]
    return first[0].name if len(first) == 1 and first[0].chance[0] > SURE else None


def _share_above(one: str, other: str, draws: Sequence[Mapping[str, float]]) -> float:
    """Return in what share of the draws ``one`` is above; an equal score is half a draw."""
    apart = [draw[one] - draw[other] for draw in draws]
    above = sum(each > _SAME for each in apart)
    return (above + sum(abs(each) <= _SAME for each in apart) / 2) / len(draws)


def _chances(names: Sequence[str], draws: Sequence[Mapping[str, float]]) -> dict[str, tuple[float, ...]]:
    counts = {name: [0.0] * len(names) for name in names}
    for draw in draws:
        for name in names:
            above = sum(draw[other] - draw[name] > _SAME for other in names)
            equal = sum(abs(draw[other] - draw[name]) <= _SAME for other in names)
            # Names with one score have each of their ranks by the same chance.
            for rank in range(above, min(above + equal, len(names))):
                counts[name][rank] += 1 / equal
    return {name: tuple(count / len(draws) for count in counts[name]) for name in names}
