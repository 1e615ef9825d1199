"""The router in real time: one for all routes and all upstreams of a mirror.

Knows what time it is, tells the metrics, and remembers what a small request to each upstream could ask for.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from modmirror.errors import (
    Error,
    NotExist,
    UpstreamBadAnswer,
    UpstreamBusy,
    UpstreamError,
    UpstreamRefused,
    UpstreamUnavailable,
)
from modmirror.routing.limits import StallRule
from modmirror.routing.outcome import Outcome

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from modmirror.measure.score import Class
    from modmirror.routing.outcome import Permit, What
    from modmirror.routing.plan import Plan, Question
    from modmirror.routing.router import Router
    from modmirror.telemetry.metrics import Metrics

_SERVER_ERROR = "status 5"
_MEANINGS: tuple[tuple[type[Error], What], ...] = (
    (NotExist, "absent"),
    (UpstreamRefused, "refused"),
    (UpstreamBusy, "busy"),
    (UpstreamBadAnswer, "bad"),
    (UpstreamError, "broken"),
)
"""The first kind that fits."""


class Guide:
    """Steps the router with the clock of the process."""

    def __init__(
        self, router: Router, clock: Callable[[], float], metrics: Metrics, stall: StallRule | None = None
    ) -> None:
        self.router = router
        self.now = clock
        self.stall = stall or StallRule()
        self._metrics = metrics
        self._small: dict[str, str] = {}
        self._small_of_pool: dict[tuple[str, ...], str] = {}

    def plan(self, question: Question) -> Plan:
        """Say whom to ask for one file."""
        return self.router.plan(question, self.now())

    def admit(self, upstream: str, *, panic: bool) -> Permit:
        """Give leave to send one request. Raises UpstreamUnavailable with the reason when not."""
        permit = self.router.admit(upstream, self.now(), panic=panic)
        if permit is None:
            raise UpstreamUnavailable(upstream, self.router.refusal(upstream, self.now()))
        return permit

    def answered(
        self, permit: Permit, asked: Class, seconds: float, path: str, pool: tuple[str, ...] = ()
    ) -> None:
        """Note that the answer began and is the file. ``pool``: who may hear that it is asked for."""
        if path.endswith(".info") or path.startswith("lookup/"):
            self._small[permit.upstream] = path
            self._small_of_pool[pool] = path
        module = module_of(path)
        self.router.record(permit, Outcome("ok", asked, seconds, module), self.now())

    def failed(self, permit: Permit, asked: Class, seconds: float, path: str, error: Error) -> None:
        """Note that the answer was another one, or never came."""
        self.router.record(permit, outcome_of(error, asked, seconds, module_of(path)), self.now())

    def gave_up(self, permit: Permit, asked: Class, seconds: float, path: str, *, late: bool) -> None:
        """Note that nobody waits any more, or that the answer is ``late``."""
        what: What = "late" if late else "left"
        reason = f"no answer within {seconds:.1f} s" if late else ""
        outcome = Outcome(what, asked, seconds, module_of(path), reason)
        self.router.record(permit, outcome, self.now())

    def broke(self, upstream: str, asked: Class, path: str, error: Error) -> None:
        """Note that an answer which had begun well was no good in the end."""
        self.router.broke(upstream, outcome_of(error, asked, 0.0, module_of(path)), self.now())

    def retry(self, failed: str) -> bool:
        """Say whether the next upstream may be asked after one failed."""
        how = self.router.retry(failed, self.now())
        self._metrics.retried(how or "refused")
        return how is not None

    def hedged(self, *, won: bool) -> None:
        """Count a second request that was faster, or was not."""
        self._metrics.hedged("won" if won else "lost")

    def small_path(self, upstream: str, pools: Iterable[tuple[str, ...]] = ()) -> str | None:
        """Return what a probe may ask for: something that the upstream had, or that a pool was asked for.

        Never what another upstream had for a route of its own: its modules may be private.
        """
        own = self._small.get(upstream)
        return own or next((self._small_of_pool[p] for p in pools if p in self._small_of_pool), None)


def outcome_of(error: Error, asked: Class, seconds: float, module: str) -> Outcome:
    """Say in the words of routing what an error means."""
    said = _what(error)
    if said in {"absent", "refused"}:
        return Outcome(said, asked, seconds, module)
    pause = error.retry_after if isinstance(error, UpstreamBusy) else None
    # What follows a colon may name a module, and who is told how upstreams do need not know that one.
    reason = error.reason.partition("\n")[0].partition(": ")[0]
    return Outcome(said, asked, seconds, module, reason, pause)


def _what(error: Error) -> What:
    if isinstance(error, UpstreamUnavailable) and error.reason.startswith(_SERVER_ERROR):
        return "erred"
    # Our own trouble says nothing of the upstream.
    return next((what for kind, what in _MEANINGS if isinstance(error, kind)), "left")


def module_of(path: str) -> str:
    """Return the escaped module path in the path of a module file."""
    return path.partition("/@")[0]
