"""The order of asking: randomised complete blocks. A drift then favours nobody (lab.md 2.4). Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol, TypeVar

if TYPE_CHECKING:
    from collections.abc import MutableSequence, Sequence

T = TypeVar("T")
C = TypeVar("C")


class Shuffle(Protocol):
    """A seeded source of chance, as ``random.Random`` is."""

    def shuffle(self, x: MutableSequence[object], /) -> None:
        """Put a list into random order."""
        ...


def block(targets: Sequence[T], cases: Sequence[C], chance: Shuffle) -> list[tuple[T, C]]:
    """Return every target with every case, once each, in random order."""
    steps = [(target, case) for case in cases for target in targets]
    chance.shuffle(steps)  # type: ignore[arg-type]  # a list of pairs stays one
    return steps


def spread(few: int, many: int) -> tuple[int, ...]:
    """Return ``few`` of the numbers below ``many``, at even distances: where rare cases are put."""
    if few >= many:
        return tuple(range(many))
    return tuple(number * many // few for number in range(few))
