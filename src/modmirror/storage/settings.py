"""Settings of the store."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class StorageSettings:
    """Where modules are kept."""

    kind: Literal["filesystem", "memory"] = "filesystem"
    """``filesystem`` keeps a GOPROXY tree on disk; ``memory`` forgets everything at exit."""
    path: str = ""
    """Directory of the store; empty means ``$XDG_DATA_HOME/modmirror`` (``~/.local/share/modmirror``)."""
    min_free_bytes: int = 268_435_456
    """New fills are refused when the device has less than this left."""
