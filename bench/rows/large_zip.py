"""Throughput of a large zip: what a toolchain or a monorepo costs."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from bench.load import hot_file
from bench.material import LARGE, VERSION
from bench.result import Bar, Result

if TYPE_CHECKING:
    from bench.rig import Rig

CONNECTIONS = 4
BAR = Bar(1.0)
OFTENER = 3
"""Nearly all of the time is the copying client's: the little that servers add needs more repetitions."""


def measure(rig: Rig) -> list[Result]:
    """Load one hot zip of about 100 MB."""
    repetitions = rig.repetitions
    rig.repetitions = repetitions * OFTENER
    try:
        results = hot_file(rig, "hot 100 MB zip", f"{LARGE}/@v/{VERSION}.zip", CONNECTIONS, BAR)
    finally:
        rig.repetitions = repetitions
    return [replace(result, note=result.note or "4 clients") for result in results]
