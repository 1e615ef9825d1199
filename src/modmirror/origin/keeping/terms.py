"""On which terms repositories are kept and asked, the same for all of one mirror."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from modmirror.origin.limits import RepositoryLimits

if TYPE_CHECKING:
    from collections.abc import Callable

    from modmirror.origin.keeping.kept import KeptRepositories
    from modmirror.origin.keeping.tagchanges import OnTags


@dataclass(frozen=True, slots=True)
class Terms:
    """Where, within which limits, and who hears of it."""

    home: KeptRepositories
    """Keeps what a remote side sends."""
    limits: RepositoryLimits = field(default_factory=RepositoryLimits)
    on_tags: OnTags = lambda _url, _changes: None
    """Is told of moved and deleted tags."""
    ticks: Callable[[], float] = time.monotonic
    """Seconds by which names grow old."""
