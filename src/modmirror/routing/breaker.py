"""Stops asking an upstream that does not work, and finds out when it works again (lab.md 4.3).

Closed → open after three failures in a row, or too many of the last half minute, or when somebody outside
decides to :meth:`Breaker.open` it. Where nobody else can be asked, one that gives errors is given up only
when it gives nothing else. Open → one trial at a time after a random pause that doubles with every
failed trial; two good trials close it. An upstream that says when to come back is paused, which is no
failure. Absent modules are answers: they never open a breaker.
"""

from __future__ import annotations

import math
from collections import deque
from typing import TYPE_CHECKING, Literal, TypeAlias

from modmirror.routing.outcome import ANSWERS, FAILURES, OF_A_MODULE

if TYPE_CHECKING:
    from modmirror.measure.score import Class
    from modmirror.routing.chance import Chance
    from modmirror.routing.outcome import Outcome

State: TypeAlias = Literal["closed", "open", "half-open", "paused"]

IN_A_ROW = 3
"""Failures that open it."""
_BUCKET_SECONDS = 3.0
_BUCKETS = 10
_LEAST_REQUESTS = 10
"""Requests in the window from which their share of successes counts."""
_LEAST_SUCCESS = 0.8
_BASE_PAUSE = 1.0
_DOUBLINGS = 8
_LONGEST_PAUSE = 60.0
_GOOD_TRIALS = 2
SLOW_START = 10.0
"""Seconds over which an upstream that came back takes its share again."""
_FORGIVEN = 60.0
"""Good seconds after which the next opening begins with the shortest pause again."""
_POLITE_PAUSE = 5.0
"""Seconds to leave a busy upstream alone that did not say how long."""
_LONGEST_RETRY_AFTER = 3_600.0
_LONGEST_ALONE = 60.0
"""Seconds that an only upstream is left alone at most: one that was busy for one file has others."""
_WAIT_SHOWN = 0.1
"""Seconds: no text should say that something is tried again in 0.0 s."""


class _Window:
    """Successes and failures of the last half minute."""

    def __init__(self) -> None:
        self._buckets: deque[list[int]] = deque()
        """Number of the bucket, successes, requests."""

    def note(self, now: float, *, good: bool) -> None:
        """Count one."""
        bucket = int(now // _BUCKET_SECONDS)
        while self._buckets and self._buckets[0][0] <= bucket - _BUCKETS:
            self._buckets.popleft()
        if not self._buckets or self._buckets[-1][0] != bucket:
            self._buckets.append([bucket, 0, 0])
        self._buckets[-1][1] += good
        self._buckets[-1][2] += 1

    def success(self) -> float | None:
        """Return the share of successes; None: too few requests to tell."""
        requests = sum(count for _, _, count in self._buckets)
        if requests < _LEAST_REQUESTS:
            return None
        return sum(good for _, good, _ in self._buckets) / requests

    def clear(self) -> None:
        """Forget all."""
        self._buckets.clear()


class Breaker:
    """The breaker of one upstream."""

    def __init__(self, chance: Chance) -> None:
        self.reason = ""
        """The last failure in words."""
        self.since = -math.inf
        """When it last opened or closed."""
        self._chance = chance
        self._paused_until = -math.inf
        self._open_until: float | None = None
        self._doublings = 0
        self._trial = False
        self._good_trials = 0
        self._in_a_row = 0
        self._bodies_broken: dict[Class, int] = {}
        """In a row. Answers that began well between them say nothing of bodies, nor small ones of large."""
        self._last_module: str | None = None
        self._window = _Window()

    def state(self, now: float) -> State:
        """Return what it does with a request now."""
        if self._open_until is not None:
            return "open" if now < self._open_until else "half-open"
        return "paused" if now < self._paused_until else "closed"

    def allows(self, now: float) -> bool:
        """Tell whether a request may be sent now: any when closed, one at a time when half open."""
        if now < self._paused_until:
            return False
        return self._open_until is None or (now >= self._open_until and not self._trial)

    def is_open(self) -> bool:
        """Tell whether requests go elsewhere, half open or not."""
        return self._open_until is not None

    def wait(self, now: float) -> float:
        """Return the seconds until a request may be sent, as far as known."""
        until = max(self._paused_until, self._open_until or -math.inf)
        return max(_WAIT_SHOWN, until - now) if until > now else 0.0

    def begin(self) -> bool:
        """Note that a request is sent; return whether it is a trial."""
        if self._open_until is None:
            return False
        self._trial = True
        return True

    def end(self, outcome: Outcome, now: float, *, trial: bool, alone: bool = False) -> None:
        """Note how a request ended. ``trial``: what `begin` said. ``alone``: nobody else can be asked."""
        if outcome.reason:
            self.reason = outcome.reason
        if outcome.what == "busy":
            self._pause(outcome.retry_after, now, alone=alone)
        if trial:
            self._tried(outcome, now)
        elif self._open_until is None:  # what was sent before it opened says nothing of its recovery
            self._counted(outcome, now, alone=alone)

    def broke(self, outcome: Outcome, now: float) -> None:
        """Note a body that broke off or stalled, after an answer that had begun well."""
        self.end(outcome, now, trial=False)
        broken = self._bodies_broken.get(outcome.asked, 0) + 1
        self._bodies_broken[outcome.asked] = broken
        if broken >= IN_A_ROW:
            self.open(outcome.reason, now)

    def whole(self, asked: Class) -> None:
        """Note a body that came whole."""
        self._bodies_broken.pop(asked, None)

    def open(self, reason: str, now: float) -> None:
        """Open it, if it is closed."""
        if self._open_until is not None:
            return
        fresh = now - self.since > _FORGIVEN
        self._doublings = 0 if fresh else min(self._doublings + 1, _DOUBLINGS)
        self.reason = reason
        self.since = now
        self._good_trials = 0
        self._trial = False
        self._set_pause(now)

    def close(self, now: float) -> None:
        """Close it, if it is open: somebody outside knows that there is nothing better to ask."""
        if self._open_until is not None:
            self._close(now)

    def share(self, now: float) -> float:
        """Return the share of its traffic that it should take: it grows to 1 after a recovery."""
        if self._open_until is not None:
            return 0.0
        return min(1.0, max(0.0, (now - self.since) / SLOW_START))

    def _set_pause(self, now: float) -> None:
        """Full jitter, so that many mirrors do not come back in step."""
        longest = min(_LONGEST_PAUSE, _BASE_PAUSE * 2**self._doublings)
        self._open_until = now + self._chance.random() * longest

    def _pause(self, retry_after: float | None, now: float, *, alone: bool) -> None:
        longest = _LONGEST_ALONE if alone else _LONGEST_RETRY_AFTER
        seconds = min(longest, _POLITE_PAUSE if retry_after is None else retry_after)
        # The jitter comes on top: earlier than asked for would be impolite.
        self._paused_until = max(self._paused_until, now + seconds * (1 + self._chance.random() / 10))

    def _tried(self, outcome: Outcome, now: float) -> None:
        self._trial = False
        if self._open_until is None:
            return
        if outcome.what in ANSWERS:
            self._good_trials += 1
            self._open_until = now
            if self._good_trials >= _GOOD_TRIALS:
                self._close(now)
        elif outcome.what in FAILURES:
            self._doublings = min(self._doublings + 1, _DOUBLINGS)
            self._good_trials = 0
            self._set_pause(now)

    def _close(self, now: float) -> None:
        self._open_until = None
        self.since = now
        self._in_a_row = 0
        # Trials have small bodies. Whether larger ones come whole again, the next one shows.
        self._bodies_broken = {
            asked: min(count, IN_A_ROW - 1) for asked, count in self._bodies_broken.items()
        }
        self._last_module = None
        self._window.clear()

    def _counted(self, outcome: Outcome, now: float, *, alone: bool) -> None:
        if outcome.what in ANSWERS:
            self._in_a_row = 0
            self._last_module = None
            self._window.note(now, good=True)
        elif outcome.what in FAILURES:
            self._fail(outcome, now, alone=alone)

    def _fail(self, outcome: Outcome, now: float, *, alone: bool) -> None:
        if outcome.what in OF_A_MODULE:
            if outcome.module and outcome.module == self._last_module:
                return  # one broken module, asked for again and again, is no broken upstream
            self._last_module = outcome.module
        self._in_a_row += 1
        self._window.note(now, good=False)
        success = self._window.success()
        if alone and outcome.what in OF_A_MODULE:
            # With nobody else to ask, the errors of some modules are no reason to refuse the others.
            is_down = success == 0
        else:
            is_down = self._in_a_row >= IN_A_ROW or (success is not None and success < _LEAST_SUCCESS)
        if is_down:
            self.open(outcome.reason, now)


class NeverOpen(Breaker):
    """Knows the last failure, and lets every request through."""

    def open(self, reason: str, now: float) -> None:
        """Stay closed."""
        del now
        self.reason = reason

    def _pause(self, retry_after: float | None, now: float, *, alone: bool) -> None:
        del retry_after, now, alone
