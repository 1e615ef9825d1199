"""What asking one repository may take, whatever the version control system."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class RepositoryLimits:
    """Bounds of time and size."""

    refresh: float = 60.0
    """Seconds after which names are asked for again."""
    timeout: float = 60.0
    """Seconds for a question whose answer is short."""
    background_timeout: float = 600.0
    """Seconds for a fetch or an archive."""
    archive_bytes: int = 2 << 30
    """Of the tar of one commit."""
