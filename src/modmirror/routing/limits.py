"""How long to wait: for an answer, before asking a second upstream, for the next byte (lab.md 4.3)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from modmirror.measure.score import Class, Track

HEDGE_SHARE = 0.95
"""A request slower than this share of its like is worth a second one."""
LEAST_HEDGE = 0.02
MOST_HEDGE = 1.0
_HEDGE_FACTOR = 3.0
"""Times the score, while there are too few samples for a percentile."""
_TIMES_P99 = 4.0
_TIMES_MEDIAN = 20.0
"""The same, while there are too few samples for a percentile: after a recovery, for some."""
_LEAST_TIMEOUT = 1.0
MOST_TIMEOUT = 10.0
"""Seconds of silence that are too many, however slow the others were, and whoever else is left."""
ZIP_TIMEOUT = 20.0
"""Seconds: an upstream may be making the zip just now."""


@dataclass(frozen=True, slots=True)
class StallRule:
    """When a body has become too slow to wait for."""

    rate: float = 10_000.0
    """Bytes a second that it must keep up."""
    seconds: float = 15.0
    """Over this long. Silence is borne less long while there are tokens for second requests."""


def hedge_delay(track: Track, now: float) -> float:
    """Return the seconds after which a second upstream is asked too."""
    delay = track.live(HEDGE_SHARE)
    if delay is None:
        expected = track.first_byte(now)
        delay = MOST_HEDGE if expected is None else _HEDGE_FACTOR * expected
    return min(MOST_HEDGE, max(LEAST_HEDGE, delay))


def header_timeout(track: Track, asked: Class) -> float:
    """Return the seconds in which an answer must begin while there is another upstream to ask."""
    if asked != "meta":
        return ZIP_TIMEOUT
    if (slowest := track.live(0.99)) is not None:
        limit = _TIMES_P99 * slowest
    elif (usual := track.recent() or track.long_run) is not None:
        limit = _TIMES_MEDIAN * usual
    else:
        return MOST_TIMEOUT
    return min(MOST_TIMEOUT, max(_LEAST_TIMEOUT, limit))
