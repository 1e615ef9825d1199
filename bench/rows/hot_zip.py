"""Requests a second for a zip of usual size, too large for the memory tier."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bench.load import hot_file
from bench.material import MIDDLE, VERSION
from bench.result import Bar, Result

if TYPE_CHECKING:
    from bench.rig import Rig

CONNECTIONS = 32
BAR = Bar(1.0)


def measure(rig: Rig) -> list[Result]:
    """Load one hot zip of about 200 kB."""
    return hot_file(rig, "hot 200 kB zip", f"{MIDDLE}/@v/{VERSION}.zip", CONNECTIONS, BAR)
