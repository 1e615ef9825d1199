"""What came of one request to an upstream, in the few words that routing tells apart (lab.md 4.3)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, TypeAlias

if TYPE_CHECKING:
    from modmirror.measure.score import Class

What: TypeAlias = Literal["ok", "absent", "refused", "busy", "erred", "late", "broken", "bad", "left"]
"""``ok``: the file. ``absent``: 404 or 410. ``refused``: 401, 403 or 451. ``busy``: 429, or 503 with
Retry-After. ``erred``: another 5xx. ``late``: no answer within a limit shorter than a client's patience.
``broken``: refused, reset, TLS, time out, or a body that broke off or stalled. ``bad``: an answer that the
protocol does not allow. ``left``: nobody waited for it any more."""

ANSWERS = frozenset({"ok", "absent", "refused"})
"""The upstream works. That it lacks a module, or keeps it for others, says nothing against it."""
FAILURES = frozenset({"erred", "late", "broken", "bad"})
"""The upstream does not work, as far as this request tells."""
OF_A_MODULE = frozenset({"erred", "late"})
"""May be the trouble of one module only: a repository that is gone, a version that is fetched just now."""


@dataclass(frozen=True, slots=True)
class Permit:
    """Leave to send one request. Its outcome MUST be recorded, whatever it is."""

    upstream: str
    trial: bool = False
    """Whether it decides if an open breaker closes."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a request ended, or for ``ok`` how its answer began."""

    what: What
    asked: Class
    seconds: float
    """Until the first byte of the answer, the failure or the leaving; 0 when the wait says nothing."""
    module: str = ""
    reason: str = ""
    """In words, for people: what the upstream said. Empty for answers."""
    retry_after: float | None = None
    """Seconds, for ``busy``."""
