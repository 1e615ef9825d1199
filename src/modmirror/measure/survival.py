"""How long until something is seen, when one only looks now and then (Turnbull's estimate; lab.md 2.5).

A version that was not there at one look and was at the next became visible somewhere between; one that
was never seen may come later than all looks. The estimate shares each version out over the spans in which
it may have come, again and again until nothing moves. With exact times it is Kaplan and Meier's.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from itertools import accumulate
from math import inf
from typing import TYPE_CHECKING, NamedTuple

from modmirror.measure.quantiles import least_n
from modmirror.measure.shares import wilson_of_share

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

_HALF = 0.5
_ROUNDS = 2000
_STILL = 1e-7
"""Shares that differ by less are the same share."""
_AT, _TO, _FROM = 0, 1, 2
"""Order at one instant: an exact time begins, spans end, spans begin (they leave their beginning out)."""


class Seen(NamedTuple):
    """One thing: not there ``after`` so many seconds, there ``by`` so many. Never seen: infinity."""

    after: float
    by: float = inf


class Step(NamedTuple):
    """A rise of the curve, somewhere between ``since`` and ``seconds``, up to ``share``."""

    since: float
    seconds: float
    share: float
    low: float
    high: float


class Middle(NamedTuple):
    """When half of all was seen. None: the curve, or the edge of its band, never gets there."""

    value: float | None
    low: float | None
    high: float | None


def curve(things: Sequence[Seen]) -> tuple[Step, ...]:
    """Return the share that is visible by time, with 95 % bands.

    The band at a time is Wilson's of as many things as are surely seen or surely not seen by then: those
    whose span holds the time tell the estimate where to rise, but make nobody surer.
    """
    spans, covered = _spans(things)
    masses = _masses(len(spans), covered)
    steps: list[Step] = []
    low = high = 0.0
    for (since, seconds), share in zip(spans, accumulate(masses), strict=True):
        if seconds == inf:
            break
        sure = sum(thing.by <= seconds or thing.after >= seconds for thing in things)
        edges = wilson_of_share(min(share, 1.0), sure) if sure else (0.0, 1.0)
        low, high = max(low, edges[0]), max(high, edges[1])
        steps.append(Step(since, seconds, min(share, 1.0), low, high))
    return tuple(steps)


def middle(steps: Sequence[Step], n: int) -> Middle:
    """Return the median of a curve that was made of ``n`` things. Of fewer than 6 there is none."""
    if n < least_n(_HALF):
        return Middle(None, None, None)
    at = _first(steps, lambda step: step.share)
    value = None
    if at is not None:
        before = steps[at - 1].share if at else 0.0
        step = steps[at]
        part = (_HALF - before) / (step.share - before)
        value = step.since + part * (step.seconds - step.since)
    earliest = _first(steps, lambda step: step.high)
    latest = _first(steps, lambda step: step.low)
    return Middle(
        value,
        None if earliest is None else steps[earliest].since,
        None if latest is None else steps[latest].seconds,
    )


def _first(steps: Sequence[Step], height: Callable[[Step], float]) -> int | None:
    return next((at for at, step in enumerate(steps) if height(step) >= _HALF - _STILL), None)


def _spans(things: Sequence[Seen]) -> tuple[list[tuple[float, float]], list[tuple[int, int]]]:
    """Return the spans that can hold a rise, and for each thing which of them it may be in.

    A rise can only be where a beginning is followed at once by an end: elsewhere it would fit fewer things.
    """
    ends = []
    for number, (after, by) in enumerate(things):
        ends += [(after, _AT if after == by else _FROM, number), (by, _TO, number)]
    ends.sort()
    begun, ended = [0] * len(things), [0] * len(things)
    for place, (_, kind, number) in enumerate(ends):
        (ended if kind == _TO else begun)[number] = place
    pairs = [place for place in range(len(ends) - 1) if ends[place][1] != _TO and ends[place + 1][1] == _TO]
    covered = [
        (bisect_left(pairs, begin), bisect_right(pairs, end - 1))
        for begin, end in zip(begun, ended, strict=True)
    ]
    return [(ends[place][0], ends[place + 1][0]) for place in pairs], covered


def _masses(spans: int, covered: Sequence[tuple[int, int]]) -> list[float]:
    """Return the share of all things in each span."""
    masses = [1 / max(spans, 1)] * spans
    for _ in range(_ROUNDS):
        upto = [0.0, *accumulate(masses)]
        changes = [0.0] * (spans + 1)
        for first, end in covered:
            weight = 1 / (upto[end] - upto[first])
            changes[first] += weight
            changes[end] -= weight
        new = [
            mass * weight / len(covered)
            for mass, weight in zip(masses, accumulate(changes[:-1]), strict=True)
        ]
        moved = max((abs(one - other) for one, other in zip(new, masses, strict=True)), default=0.0)
        masses = new
        if moved < _STILL:
            break
    return masses
