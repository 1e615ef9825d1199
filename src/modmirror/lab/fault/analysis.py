"""From what a client saw during a scenario to its numbers (lab.md 8.2). No clock, no network."""

from __future__ import annotations

import math
import re
from collections import Counter
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Literal, TypeAlias

from modmirror.lab.results.faults import FaultPoint, FaultRun

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from modmirror.lab.results.events import Event
    from modmirror.lab.results.protocol import Verdict

Kind: TypeAlias = Literal["hit", "list", "miss"]
"""A file that the mirror has, a list that must be refreshed, or a file that nobody has asked for before."""

WRONG_BYTES = "wrong bytes"
"""Text of a probe that was given something else than it asked for: the one thing that must never be."""

WITHIN = 1.2
"""Recovered: P95 within this many times that of before the fault."""
FLOOR = 0.02
"""Seconds: two times closer than this are the same time, to a client on the same machine."""
WINDOW = 10
"""Requests that are looked at together to tell whether it has recovered."""
_NOTABLE = 3.0
"""An answer that took so many times the P95 of before was a gap in itself."""
_LEAST_GAPS = 8
_REJECT = 0.01
_CAP_SLACK = 1.1
_MOST_TEXTS = 10
_LONG_NUMBER = re.compile(r"\d{4,}")
"""Ports and instants: they would make each failure a kind of its own."""


@dataclass(frozen=True, slots=True)
class Probe:
    """One request of the client. ``at`` is when it should have begun, in seconds of the run."""

    at: float
    seconds: float
    kind: Kind
    ok: bool
    stale: bool = False
    source: str = ""
    """Upstream that the mirror names as the source."""
    text: str = ""
    """What was wrong."""


@dataclass(frozen=True, slots=True)
class Backoff:
    """The law that retries are compared with: uniform from 0 to ``min(cap, base * 2**n)``."""

    base: float
    cap: float
    retry_after: float | None = None
    """Seconds that the upstream asked to be left alone; None when it did not."""


@dataclass(frozen=True, slots=True)
class Timeline:
    """What happened during one run, in seconds since its beginning."""

    begin: float
    end: float
    """Of the fault."""
    probes: tuple[Probe, ...]
    arrivals: tuple[float, ...]
    """When something reached the sick upstream."""
    events: tuple[Event, ...] = ()
    shun: bool = True
    """Whether the upstream should have been left alone during the fault."""


def analyse(timeline: Timeline, backoff: Backoff) -> FaultRun:
    """Reckon the numbers of one run."""
    probes = sorted(timeline.probes, key=lambda probe: probe.at)
    before = [probe for probe in probes if probe.at + probe.seconds < timeline.begin]
    usual = percentile95([probe.seconds for probe in _needy(before)])
    detect = detection(timeline, probes, {probe.source for probe in before if probe.source})
    return FaultRun(
        points=tuple(FaultPoint(each.at, each.ok, each.stale, each.seconds, each.kind) for each in probes),
        events=timeline.events,
        detect=detect,
        gap=longest_gap([probe for probe in probes if probe.at >= timeline.begin], usual),
        stale=sum(probe.stale for probe in probes),
        recover=recovery(_needy(probes), timeline.end, usual),
        overshoot=_overshoot(timeline, detect),
        backoff=backoff_verdict(timeline, detect, backoff),
        wrong=sum(probe.text == WRONG_BYTES for probe in probes),
        failures=_texts(probes),
    )


def detection(timeline: Timeline, probes: Sequence[Probe], known: set[str]) -> float | None:
    """Return seconds from the fault to the first answer that shows that the mirror noticed.

    A sign is an error, an answer marked stale, or an answer from an upstream that gave none before.
    """
    signs = [
        probe.at + probe.seconds - timeline.begin
        for probe in probes
        if probe.at + probe.seconds >= timeline.begin
        and probe.at < timeline.end
        and (not probe.ok or probe.stale or (known and probe.source and probe.source not in known))
    ]
    return min(signs, default=None)


def longest_gap(probes: Sequence[Probe], usual: float | None) -> float:
    """Return the longest time without a good answer to requests of one kind."""
    longest = 0.0
    notable = _NOTABLE * (usual or 0.0) + FLOOR
    for kind in {probe.kind for probe in probes}:
        waiting_since: float | None = None
        for probe in (probe for probe in probes if probe.kind == kind):
            done = probe.at + probe.seconds
            since = probe.at if waiting_since is None else waiting_since
            waited = done - since
            if waiting_since is not None or not probe.ok or probe.seconds > notable:
                longest = max(longest, waited)
            waiting_since = None if probe.ok else since
    return longest


def recovery(probes: Sequence[Probe], end: float, usual: float | None) -> float | None:
    """Return seconds from the end of the fault until all is as before; None when that was not seen."""
    after = [probe for probe in probes if probe.at >= end]
    if usual is None:
        return None
    for first in range(len(after) - WINDOW + 1):
        window = after[first : first + WINDOW]
        times = percentile95([probe.seconds for probe in window])
        well = all(probe.ok and not probe.stale for probe in window)
        if well and times is not None and times <= WITHIN * usual + FLOOR:
            # From the request before on it may have been well: this is the last that was seen not to be.
            return 0.0 if first == 0 else window[0].at - end
    return None


def backoff_verdict(timeline: Timeline, detect: float | None, law: Backoff) -> Verdict:
    """Say whether the sick upstream was asked again as seldom as good manners want.

    Where the upstream asked to wait, nothing may come before that is over. Otherwise the gaps between
    requests are compared with full jitter (Kolmogorov-Smirnov, 1 %); few gaps tell nothing.
    """
    during = [at for at in timeline.arrivals if timeline.begin <= at < timeline.end]
    if not timeline.shun or not during:
        return "not-applicable" if not timeline.shun else "unknown"
    if law.retry_after is not None:
        # What was under way together with the first refusal could not know of it.
        later = [at for at in during if at > during[0] + FLOOR]
        early = [at for at in later if at < during[0] + law.retry_after * (1 - FLOOR)]
        return "no" if early else "yes"
    if detect is None:
        return "unknown"
    known = [at for at in during if at >= timeline.begin + detect]
    gaps = [later - earlier for earlier, later in pairwise(known)]
    if len(gaps) < _LEAST_GAPS:
        return "unknown"
    return "yes" if follows_full_jitter(gaps, law) else "no"


def follows_full_jitter(gaps: Sequence[float], law: Backoff) -> bool:
    """Tell whether the n-th gap could be uniform between 0 and ``min(cap, base * 2**n)``."""
    shares = [gap / min(law.cap, law.base * 2.0**number) for number, gap in enumerate(gaps)]
    if max(shares) > _CAP_SLACK:
        return False
    return uniform_p(shares) >= _REJECT


def uniform_p(shares: Iterable[float]) -> float:
    """Return the chance that numbers drawn evenly from 0 to 1 lie at least so far from even."""
    ordered = sorted(min(1.0, share) for share in shares)
    n = len(ordered)
    distance = max(max(share - index / n, (index + 1) / n - share) for index, share in enumerate(ordered))
    # Stephens' approximation of the Kolmogorov distribution, good from five numbers on.
    x = distance * (math.sqrt(n) + 0.12 + 0.11 / math.sqrt(n))
    terms = [(-1.0) ** (k - 1) * math.exp(-2 * k * k * x * x) for k in range(1, 101)]
    return min(1.0, max(0.0, 2 * sum(terms)))


def percentile95(values: Sequence[float]) -> float | None:
    """Return the value that 95 % do not exceed (nearest rank); None of nothing."""
    ordered = sorted(values)
    return ordered[math.ceil(0.95 * len(ordered)) - 1] if ordered else None


def _needy(probes: Sequence[Probe]) -> list[Probe]:
    """Return the requests that need the upstream."""
    return [probe for probe in probes if probe.kind != "hit"]


def _texts(probes: Sequence[Probe]) -> dict[str, int]:
    texts = Counter(_LONG_NUMBER.sub("…", probe.text) for probe in probes if probe.text)
    return dict(texts.most_common(_MOST_TEXTS))


def _overshoot(timeline: Timeline, detect: float | None) -> int:
    if not timeline.shun or detect is None:
        return 0
    known = timeline.begin + detect
    return sum(known < at < timeline.end for at in timeline.arrivals)
