"""What the orchestrator has to say: facts, told to whoever counts and logs them.

Kinds are the words of :class:`modmirror.protocol.target.Kind`. No module path may become a metric label;
reports carry them for the event log only.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from modmirror.errors import Error


class Report(Protocol):
    """The outside world's ear. Calls MUST be cheap and MUST NOT raise."""

    def fill_started(self, kind: str) -> None:
        """A fetch on a miss begins."""

    def fill_ended(
        self, kind: str, subject: str, *, seconds: float, upstream: str, error: Error | None
    ) -> None:
        """It ended: stored, or failed with ``error``. ``subject`` is ``module@version``."""

    def coalesced(self, kind: str) -> None:
        """A request joined a fetch that another one had started."""

    def stale_served(self, kind: str, subject: str, reason: str) -> None:
        """An old answer was served because no upstream gave a new one."""

    def verified(self, subject: str, result: str) -> None:
        """A check ended: ``ok``, ``mismatch``, ``unknown``, ``down``, ``bad-database``, ``skipped``."""

    def alarm(self, event: str, subject: str, error: Error) -> None:
        """Something that a person must look at: a mismatch, a fork, other bytes under an immutable key."""
