"""Settings of logs and metrics."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class LogSettings:
    """What the mirror writes of what it does."""

    level: Literal["debug", "info", "warning", "error"] = "info"
    """Least severe event that is written."""
    format: Literal["auto", "json", "console"] = "auto"
    """Events as JSON lines, or coloured text; auto means text on a terminal."""
    access: str = "-"
    """File of the access log, one JSON line a request; ``-`` is standard output, empty is off."""
