"""How much longer a build takes while the upstream that is asked first is sick."""

from __future__ import annotations

from statistics import median
from typing import TYPE_CHECKING

from tests.corpus.progress import Progress
from tests.e2e.routing import FAULTS, running_world, sick

if TYPE_CHECKING:
    from pathlib import Path

LATENCIES = (0.03, 0.035, 0.06, 0.12)
"""Seconds: unlike, but the second one is worth having. It alone makes a build longer by a sixth."""
MODULES = 100
"""New ones in each build."""
BAR = 1.3
"""Times as long as with everybody well (issue 5)."""


def measure(scratch: Path, rounds: int) -> dict[str, list[float]]:
    """Return the ratios of builds in which the favourite falls sick to healthy ones, by fault.

    Each pair of builds comes right after the other, when the mirror has got over the fault before: it is
    about one upstream that fails. A build that fails ends the bench.
    """
    ratios: dict[str, list[float]] = {fault: [] for fault in FAULTS}
    progress = Progress("builds")
    with running_world(scratch / "builds", LATENCIES, MODULES) as world:
        for done, fault in enumerate(fault for _ in range(rounds) for fault in FAULTS):
            world.settle()
            favourite = world.favourite()
            healthy = world.build()
            with sick(favourite, fault):
                ratios[fault].append(world.build() / healthy)
            progress(done + 1, rounds * len(FAULTS))
    return ratios


def as_table(ratios: dict[str, list[float]]) -> str:
    """Return one line for each fault."""
    lines = ["go mod download, the first upstream sick / all well: median (least to most)"]
    lines += [
        f"  {fault:<13} {median(its):.2f}  ({min(its):.2f} to {max(its):.2f})"
        for fault, its in ratios.items()
    ]
    return "\n".join([*lines, f"  {'all':<13} {overall(ratios):.2f}  asked: at most {BAR}"])


def overall(ratios: dict[str, list[float]]) -> float:
    """Return the median of all ratios."""
    return median(ratio for its in ratios.values() for ratio in its)
