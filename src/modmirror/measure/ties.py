"""Many comparisons at once: a correction for their number, and letters for who is tied with whom."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping, Sequence

_LETTERS = "abcdefghijklmnopqrstuvwxyz"


def holm(ps: Sequence[float]) -> list[float]:
    """Return each p corrected for the number of comparisons (Holm's step-down), in the order given."""
    corrected = [0.0] * len(ps)
    highest = 0.0
    for done, place in enumerate(sorted(range(len(ps)), key=ps.__getitem__)):
        highest = max(highest, min(1.0, ps[place] * (len(ps) - done)))
        corrected[place] = highest
    return corrected


def letters(best_first: Sequence[str], ties: Collection[frozenset[str]]) -> dict[str, str]:
    """Return letters by name: two names share one exactly when ``ties`` holds their pair.

    A letter stands for a largest group whose members are all tied with one another, ``a`` for the best. A
    name in the middle may have several: tied with the better and the worse, which differ from each other.
    """
    rank = {name: place for place, name in enumerate(best_first)}
    near = {name: {other for other in rank if frozenset((name, other)) in ties} - {name} for name in rank}
    groups = sorted(
        sorted(rank[name] for name in group) for group in _cliques(set(), set(rank), set(), near)
    )
    found = dict.fromkeys(best_first, "")
    for number, group in enumerate(groups):
        for place in group:
            found[best_first[place]] += _letter(number)
    return found


def _letter(number: int) -> str:
    """Return a to z, then a1 to z1, and so on."""
    again, place = divmod(number, len(_LETTERS))
    return _LETTERS[place] + (str(again) if again else "")


def _cliques(
    chosen: set[str], open_: set[str], shut: set[str], near: Mapping[str, set[str]]
) -> Iterator[set[str]]:
    """Yield the largest groups in which everybody is near everybody (Bron and Kerbosch, with a pivot)."""
    if not open_ and not shut:
        if chosen:
            yield chosen
        return
    pivot = max(sorted(open_ | shut), key=lambda name: len(near[name] & open_))
    for name in sorted(open_ - near[pivot]):
        yield from _cliques(chosen | {name}, open_ & near[name], shut & near[name], near)
        open_ = open_ - {name}
        shut = shut | {name}
