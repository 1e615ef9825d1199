"""Turns the orchestrator's reports into metrics and events (the port is ``proxy/report.py``)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from modmirror.errors import FetchDisabled, NotExist, StorageError, UpstreamError, VerificationError

if TYPE_CHECKING:
    from modmirror.errors import Error
    from modmirror.telemetry.events import Events
    from modmirror.telemetry.metrics import Metrics


class TelemetryReport:
    """Counts each report; logs those that a person may have to look up later."""

    def __init__(self, metrics: Metrics, events: Events) -> None:
        self._metrics = metrics
        self._events = events

    def fill_started(self, kind: str) -> None:
        """Count a fetch that begins."""
        del kind
        self._metrics.fill_started()

    def fill_ended(
        self, kind: str, subject: str, *, seconds: float, upstream: str, error: Error | None
    ) -> None:
        """Count a fetch that ended; log it, as a warning when it failed for a reason other than absence."""
        self._metrics.fill_ended(kind, _result(error), seconds)
        facts = {"kind": kind, "subject": subject, "seconds": round(seconds, 4), "upstream": upstream}
        if error is None:
            self._events.info("fill stored", **facts)
        elif isinstance(error, NotExist):
            self._events.debug("fill found nothing", **facts, reason=error.reason)
        else:
            self._events.warning("fill failed", **facts, error=type(error).__name__, reason=error.reason)
        if isinstance(error, StorageError):
            self._metrics.storage_failed(type(error).__name__)

    def coalesced(self, kind: str) -> None:
        """Count a request that joined a running fetch."""
        self._metrics.coalesced(kind)

    def stale_served(self, kind: str, subject: str, reason: str) -> None:
        """Count and log an old answer; ``reason`` is a word of a closed set."""
        self._metrics.stale_served(reason)
        # Where nobody may be asked nothing has failed: that would be a warning for each request.
        say = self._events.debug if reason == FetchDisabled.__name__ else self._events.warning
        say("stale answer served", kind=kind, subject=subject, reason=reason)

    def verified(self, subject: str, result: str) -> None:
        """Count a check against the checksum database."""
        self._metrics.verified(result)
        self._events.debug("checked against the checksum database", subject=subject, result=result)

    def alarm(self, event: str, subject: str, error: Error) -> None:
        """Count and log something that a person must look at."""
        self._metrics.alarm(event)
        self._events.error(event, subject=subject, kind=type(error).__name__, reason=error.reason)


def _result(error: Error | None) -> str:
    match error:
        case None:
            return "stored"
        case NotExist():
            return "not-found"
        case UpstreamError():
            return "upstream-failed"
        case VerificationError():
            return "rejected"
        case StorageError():
            return "storage-failed"
        case _:
            return "failed"
