"""Requests a second for the smallest answer, with access log, metrics and policy on in the mirror."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bench.load import hot_file
from bench.material import HOT, VERSION
from bench.result import Bar, Result

if TYPE_CHECKING:
    from bench.rig import Rig

CONNECTIONS = 64
BAR = Bar(1.0)


def measure(rig: Rig) -> list[Result]:
    """Load one hot ``.info``."""
    return hot_file(rig, "hot .info", f"{HOT}/@v/{VERSION}.info", CONNECTIONS, BAR)
