"""What a worker counts while it asks: both times of every answer, errors, and what it did not send."""

from __future__ import annotations

import gc
from contextlib import contextmanager
from typing import TYPE_CHECKING

from modmirror.lab.load.job import Counted, Counts

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from modmirror.measure.sample import Outcome

_BUSY = 429


class Tally(Counts):
    """Counts one step."""

    first: float = 0.0
    last: float = 0.0
    """Instants of the first and the last good answer."""

    def done(self, outcome: Outcome, status: int, intended: float, sent: float, now: float) -> None:
        """Count what became of one request.

        A timeout enters with the time that was waited: it took at least so long. Other failures may be
        quick, and say nothing about time.
        """
        if outcome == "ok":
            self.answered += 1
            self.first = self.first or now
            self.last = now
        else:
            self.errors[outcome] += 1
            self.rejected += status == _BUSY
        if outcome in {"ok", "timeout"}:
            self.response.record(now - intended)
            self.service.record(now - sent)

    @contextmanager
    def watching_pauses(self, now: Callable[[], float]) -> Iterator[None]:
        """Time every run of the garbage collector while the block runs."""
        began = 0.0

        def heard(phase: str, info: dict[str, int]) -> None:
            nonlocal began
            del info
            if phase == "start":
                began = now()
            else:
                self.pauses.record(now() - began)

        gc.callbacks.append(heard)
        try:
            yield
        finally:
            gc.callbacks.remove(heard)

    def counted(self, *, cpu: float, seconds: float) -> Counted:
        """Return it as a worker sends it; ``cpu`` in seconds of processor time."""
        return Counted(
            planned=self.planned,
            answered=self.answered,
            dropped=self.dropped,
            rejected=self.rejected,
            errors=dict(self.errors),
            response=self.response.encode(),
            service=self.service.encode(),
            lateness=self.lateness.encode(),
            pauses=self.pauses.encode(),
            cpu=cpu,
            seconds=seconds,
            planned_span=self.planned_span,
            answered_span=self.last - self.first,
        )
