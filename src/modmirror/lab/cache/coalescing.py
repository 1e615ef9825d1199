"""How many fetches one cold file costs when many ask for it at once. Pure."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING

from modmirror.measure.quantiles import median

if TYPE_CHECKING:
    from collections.abc import Sequence

    from modmirror.lab.cache.temperature import Said

COUNTED = "requests at once and alone were counted at the upstream"
SAID = "requests at once: counted by what the answers say of themselves"
INFERRED = "requests at once: inferred from the moments at which answers ended, which is weak"
_GAP = 0.25
"""Of one cold wait: answers that end so much later belong to another fetch."""
_LEAST_GAP = 0.005
"""Seconds: less tells nothing on a busy machine."""


def by_count(together: Sequence[int], alone: Sequence[int]) -> float | None:
    """Return the fetches of many at once by those of one alone: one file may take several requests.

    None: one alone caused none, so that nothing cold was asked for.
    """
    if not together or not alone or not median(alone):
        return None
    return median(together) / median(alone)


def by_words(groups: Sequence[Sequence[Said]]) -> float | None:
    """Return how many answers of a group said that they were fetched; None where answers say nothing."""
    if not groups or not all(all(group) for group in groups):
        return None
    return median([sum(said == "miss" for said in group) for group in groups])


def by_ends(groups: Sequence[Sequence[float]], wait: float | None) -> float | None:
    """Return how many bursts the answers of a group ended in.

    Args:
        groups: Of each group, the instants at which answers ended.
        wait: Seconds that one alone waited for a cold file.
    """
    if not groups or wait is None:
        return None
    return median([_bursts(sorted(ends), max(_GAP * wait, _LEAST_GAP)) for ends in groups if ends])


def _bursts(ends: Sequence[float], gap: float) -> int:
    return 1 + sum(later - earlier > gap for earlier, later in itertools.pairwise(ends))
