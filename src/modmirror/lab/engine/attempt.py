"""One request while it is made: what is known so far, which is all there is if it ends here."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal, TypeAlias

from modmirror.lab.engine.failures import SHOWN, AnswerBroken, classified, printable, status_outcome
from modmirror.lab.engine.port import BIN, Fetched, Request, TcpFacts, TlsFacts
from modmirror.lab.engine.sinks import Memory, Sink, Spool
from modmirror.measure.sample import Timing

if TYPE_CHECKING:
    from modmirror.measure.sample import Outcome

Phase: TypeAlias = Literal["dns", "connect", "tls", "send", "wait", "receive"]

_MAX_BINS = 6000
"""Ten minutes: later bytes count into the last bin."""


@dataclass(slots=True)
class Attempt:
    """Collects marks; redirects add to the phases that are there."""

    request: Request
    sink: Sink
    started: float
    phases: dict[Phase, float] = field(default_factory=dict)
    status: int | None = None
    headers: dict[str, str] = field(default_factory=dict)
    size: int = 0
    said: bytes = b""
    """The beginning of the body, for a reader of failures."""
    bins: list[int] = field(default_factory=list)
    http: str = ""
    address: str = ""
    fresh: bool = False
    """A connection was opened for it."""
    hops: list[str] = field(default_factory=list)
    tls: TlsFacts | None = None
    tcp: TcpFacts | None = None

    def spent(self, phase: Phase, seconds: float) -> None:
        """Add to a phase."""
        self.phases[phase] = self.phases.get(phase, 0.0) + seconds

    def take(self, data: bytes, since_first_byte: float) -> None:
        """Count, bin and keep a piece of body. Raises AnswerBroken beyond the limit."""
        self.size += len(data)
        if self.size > self.request.limit.size:
            raise AnswerBroken("protocol", f"the body goes on beyond {self.request.limit.size:,} bytes")
        place = min(int(since_first_byte / BIN), _MAX_BINS - 1)
        self.bins.extend([0] * (place + 1 - len(self.bins)))
        self.bins[place] += len(data)
        if len(self.said) < SHOWN:
            self.said += data[: SHOWN - len(self.said)]
        self.sink.write(data)

    def next_hop(self, url: str) -> None:
        """Forget the answer that was a redirect."""
        self.hops.append(url)
        self.size, self.said = 0, b""
        self.bins.clear()
        self.sink.restart()

    def whole(self, now: float) -> Fetched:
        """Return it with a whole answer."""
        status = self.status or 0
        outcome = status_outcome(status, self.request.expected)
        words = printable(self.said.decode("utf-8", "replace"))
        reason = "" if outcome == "ok" else f"status {status}" + (f": {words}" if words else "")
        return self._fetched(now, outcome, reason)

    def broken(self, now: float, error: Exception) -> Fetched:
        """Return it as a failure."""
        outcome, reason = classified(error)
        if outcome == "truncated" and self.status is None:
            outcome = "reset"  # nothing came that could have been cut short
        return self._fetched(now, outcome, reason)

    def _fetched(self, now: float, outcome: Outcome, reason: str) -> Fetched:
        self.sink.close(keep=outcome == "ok" or isinstance(self.sink, Memory))
        intended = self.started if self.request.intended is None else self.request.intended
        return Fetched(
            request=self.request,
            outcome=outcome,
            timing=Timing(**self.phases, total=now - intended),
            started=self.started,
            reused=not self.fresh,
            status=self.status,
            headers=self.headers,
            size=self.size,
            body=bytes(self.sink.data) if isinstance(self.sink, Memory) else b"",
            file=self.sink.path if isinstance(self.sink, Spool) and outcome == "ok" else None,
            bins=tuple(self.bins),
            http=self.http,
            address=self.address,
            reason=reason,
            hops=tuple(self.hops),
            tls=self.tls,
            tcp=self.tcp,
        )
