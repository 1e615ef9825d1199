"""How fast one upstream is for one class of files: what the router and the lab mean by a score.

A score is an expected duration in seconds: time to the first byte, plus the rest of a typical file at the
rate seen. A median of few samples follows a change within a few requests and shrugs off a straggler
(lab.md 4.2). Pure: the moment of each sample comes in as an argument, in monotonic seconds.
"""

from __future__ import annotations

import math
from collections import deque
from dataclasses import dataclass, field
from statistics import median
from typing import TYPE_CHECKING, Literal, TypeAlias, get_args

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping

Class: TypeAlias = Literal["meta", "zip-small", "zip-large"]
"""``meta``: .info, .mod, list and latest; zips are small below :data:`LARGE_ZIP` bytes."""

CLASSES: tuple[Class, ...] = get_args(Class)
LARGE_ZIP = 1_000_000
EXPECTED_BYTES: Mapping[Class, int] = {"meta": 2_000, "zip-small": 100_000, "zip-large": 10_000_000}
"""What a typical file of the class weighs; the same for every upstream, so only its order matters."""
ASSUMED_RATE = 1_000_000.0
"""Bytes a second, where no upstream has sent anything yet."""

_RECENT = 7
"""Samples in the median of a score."""
_LIVE = 128
"""Samples in the live percentiles: some seconds of busy traffic."""
_ENOUGH = 3
"""Samples from which a median says more than the decaying average."""
_ENOUGH_FOR_TAILS = 20
"""Samples from which a 95th percentile means anything."""
_TAU = 10.0
"""Seconds in which an old average loses 63 % of its weight."""
_ALPHA = 0.3
"""Weight of the newest rate."""
_STALE = 300.0
"""Seconds after which an unrefreshed score is nothing but an old opinion: the next look starts from the
prior again, so that no upstream is judged for ever by one bad minute."""
_OLD = 30.0
"""Seconds by which the answers to metadata must be newer than those of a class to say more of it."""
_DRIFT = 1.01
"""Factor by which one sample moves the long-run median: a slow minute hardly shows, a slow day does."""
_LEAST_BYTES = 16_384
"""Bytes from which the duration of a body says something of its rate."""
_LEAST_SECONDS = 0.000_001


def class_of(path: str, size: int | None = None) -> Class:
    """Return the class of an escaped path. A zip of unknown ``size`` counts as a small one."""
    if not path.endswith(".zip"):
        return "meta"
    return "zip-large" if size is not None and size >= LARGE_ZIP else "zip-small"


def usual_rate(rates: Iterable[float | None]) -> float:
    """Return the median of the rates that are known, in bytes a second."""
    known = [rate for rate in rates if rate]
    return median(known) if known else ASSUMED_RATE


def at_share(samples: Collection[float], share: float) -> float:
    """Return the smallest sample that at least ``share`` of all samples do not exceed."""
    ordered = sorted(samples)
    return ordered[max(0, math.ceil(share * len(ordered)) - 1)]


@dataclass(frozen=True, slots=True)
class Prior:
    """What was known before: from a saved state or a report of the lab."""

    first_byte: float
    """Seconds."""
    rate: float = 0.0
    """Bytes a second; 0: unknown."""
    long_run: float = 0.0
    """Median first byte over a long time, in seconds; 0: unknown."""


@dataclass(slots=True)
class Track:
    """The samples of one upstream for one class."""

    prior: Prior | None = None
    rate: float | None = None
    """Bytes a second, as a decaying average."""
    long_run: float | None = None
    """Median first byte over a long time, in seconds."""
    seen: float = -math.inf
    """When the last sample came."""
    _average: float = 0.0
    _recent: deque[float] = field(default_factory=lambda: deque(maxlen=_RECENT))
    _live: deque[float] = field(default_factory=lambda: deque(maxlen=_LIVE))
    _ordered: list[float] | None = None
    """The live samples in order, until the next one comes: each request asks for two percentiles."""

    def answered(self, seconds: float, now: float) -> None:
        """Note the time to the first byte of a success, or how long a request had waited in vain."""
        if now - self.seen > _STALE:
            self._recent.clear()
        weight = 1.0 if not self._recent else 1 - math.exp(-max(0.0, now - self.seen) / _TAU)
        self._average += weight * (seconds - self._average)
        self._recent.append(seconds)
        self._live.append(seconds)
        self._ordered = None
        self.seen = now
        self._settle(seconds)

    def received(self, size: int, seconds: float) -> None:
        """Note a body that came whole. One that is too small to tell is passed over."""
        if size < _LEAST_BYTES:
            return
        rate = size / max(seconds, _LEAST_SECONDS)
        self.rate = rate if self.rate is None else self.rate + _ALPHA * (rate - self.rate)

    def first_byte(self, now: float) -> float | None:
        """Return the expected seconds to the first byte; None: nothing is known."""
        if self._recent and now - self.seen <= _STALE:
            recent = self.recent()
            return self._average if recent is None else recent
        return self.prior.first_byte if self.prior else None

    def recent(self) -> float | None:
        """Return the median of the last few first bytes in seconds; None: too few samples."""
        return median(self._recent) if len(self._recent) >= _ENOUGH else None

    def live(self, share: float) -> float | None:
        """Return a live percentile of the first byte in seconds; None: too few samples."""
        if len(self._live) < _ENOUGH_FOR_TAILS:
            return None
        if self._ordered is None:
            self._ordered = sorted(self._live)
        return at_share(self._ordered, share)

    def has_slowed(self, factor: float, least: float, now: float) -> bool:
        """Tell whether the recent median is beyond ``factor`` long-run medians and ``least`` seconds."""
        if len(self._recent) < _RECENT or now - self.seen > _STALE:
            return False
        return self.is_slow(median(self._recent), factor, least)

    def is_slow(self, seconds: float, factor: float, least: float) -> bool:
        """Tell whether one answer came later than ``factor`` long-run medians and ``least`` seconds."""
        return self.long_run is not None and seconds > max(factor * self.long_run, least)

    def forget_recent(self) -> None:
        """Begin the recent samples anew: after an outage, what was before says little."""
        self._recent.clear()
        self._live.clear()
        self._ordered = None

    def snapshot(self, now: float) -> Prior | None:
        """Return what is worth remembering over a restart; None: nothing."""
        first_byte = self.first_byte(now)
        if first_byte is None:
            return None
        return Prior(first_byte, self.rate or 0.0, self.long_run or 0.0)

    def restore(self, prior: Prior) -> None:
        """Start from what was remembered. Samples soon say more."""
        self.prior = prior
        self.rate = prior.rate or None
        self.long_run = prior.long_run or None

    def _settle(self, seconds: float) -> None:
        if self.long_run is not None:
            self.long_run *= _DRIFT if seconds > self.long_run else 1 / _DRIFT
        elif len(self._recent) == _RECENT:
            self.long_run = median(self._recent)


class Tracks:
    """All classes of one upstream."""

    def __init__(self) -> None:
        self._by_class: dict[Class, Track] = {name: Track() for name in CLASSES}

    def __getitem__(self, asked: Class) -> Track:
        return self._by_class[asked]

    def score(self, asked: Class, now: float, usual_rate: float = ASSUMED_RATE) -> float | None:
        """Return the expected seconds for a typical file of a class; None: nothing is known.

        What has sent nothing of the class yet is neither better nor worse for it: it is judged by its
        answers to metadata, and by ``usual_rate``, that of its rivals.
        """
        first_byte = self._first_byte(asked, now)
        if first_byte is None:
            return None
        if asked == "meta":
            return first_byte  # small enough to come with the first packet
        return first_byte + EXPECTED_BYTES[asked] / (self._by_class[asked].rate or usual_rate)

    def is_known(self, asked: Class, now: float) -> bool:
        """Tell whether anything that is known is of the class itself: a score is more than a guess."""
        own = self._by_class[asked]
        return own.rate is not None or own.first_byte(now) is not None

    def _first_byte(self, asked: Class, now: float) -> float | None:
        """Return the expected seconds to the first byte. Only metadata is kept fresh by probes.

        What is known of zips is old when nobody asks for any: then it is metadata that tells how things are
        now, times how the two compare in the long run.
        """
        own, meta = self._by_class[asked], self._by_class["meta"]
        expected = own.first_byte(now)
        if expected is not None and not math.inf > meta.seen - own.seen > _OLD:
            return expected
        now_expected = meta.first_byte(now)
        if now_expected is None or not own.long_run or not meta.long_run:
            return now_expected
        return now_expected * own.long_run / meta.long_run

    def forget_recent(self) -> None:
        """See :meth:`Track.forget_recent`."""
        for track in self._by_class.values():
            track.forget_recent()

    def begin_anew(self, asked: Class, seconds: float, now: float) -> None:
        """Note the answer that shows an outage to be over: nothing recent counts beside it."""
        self.forget_recent()
        self._by_class[asked].answered(seconds, now)

    def snapshot(self, now: float) -> dict[Class, Prior]:
        """Return what is worth remembering, by class."""
        kept = {name: track.snapshot(now) for name, track in self._by_class.items()}
        return {name: prior for name, prior in kept.items() if prior is not None}

    def restore(self, priors: Mapping[Class, Prior]) -> None:
        """Start from what was remembered."""
        for name, prior in priors.items():
            self._by_class[name].restore(prior)
