"""What a run says of each target in each dimension of the score, and what it might have said (lab.md 7).

One :class:`Dimension` knows how to measure every target once from the run as it was, and once more for
each draw: timed ones from resampled blocks, the same blocks for all targets so that they stay paired;
counted ones from shares that are drawn anew.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import chain
from math import exp, log
from statistics import NormalDist, fmean
from typing import TYPE_CHECKING, Protocol

from modmirror.lab.analysis.times import rates_by_block, times_by_case
from modmirror.measure import desirability
from modmirror.measure.quantiles import least_n, median, quantile
from modmirror.measure.resample import redrawn, resampled

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from modmirror.lab.analysis.times import Blocks
    from modmirror.lab.results.estimates import Share
    from modmirror.lab.results.freshness import FreshnessResult
    from modmirror.lab.results.protocol import ProtocolResult
    from modmirror.measure.resample import Chance
    from modmirror.measure.sample import Sample

TAIL = 0.95
_PLACES = ("list", "latest", "info")
"""Whose lag is the freshness of a mirror: the first of them that was measured."""
_WIDTH = 2 * NormalDist().inv_cdf(0.975)
_WORTH = {"yes": 1.0, "partly": 0.5, "no": 0.0}


class Dimension(Protocol):
    """One respect in which targets differ."""

    def parts(self, targets: Sequence[str], chance: Chance | None) -> Mapping[str, float]:
        """Return 0 to 1 for the targets that were measured: as it was, or as chance might have had it."""
        ...


@dataclass(frozen=True, slots=True)
class Shares:
    """Good ones of all that were tried: availability, coverage."""

    shares: Mapping[str, Share]
    useless: float

    def parts(self, targets: Sequence[str], chance: Chance | None) -> Mapping[str, float]:
        """Return how near each share is to all."""
        return {
            target: desirability.nearly_all(self._share(self.shares[target], chance), self.useless)
            for target in targets
            if target in self.shares and self.shares[target].n
        }

    @staticmethod
    def _share(share: Share, chance: Chance | None) -> float:
        return share.ok / share.n if chance is None else redrawn(share.ok, share.n, chance)


@dataclass(frozen=True, slots=True)
class Times:
    """A quantile of times over several cases, each as a ratio to the best: latency, tail."""

    cases: Sequence[Blocks]
    q: float

    def parts(self, targets: Sequence[str], chance: Chance | None) -> Mapping[str, float]:
        """Return the geometric mean over cases of how near each target's time is to the best."""
        logs: dict[str, list[float]] = {target: [] for target in targets}
        for blocks in self.cases:
            found = pooled(blocks, targets, chance)
            values = {target: quantile(times, self.q) for target, times in found.items() if times}
            best = min(values.values(), default=0.0)
            for target, value in values.items():
                logs[target].append(
                    log(desirability.smaller_is_better(value, best, desirability.LATENCY_STEP))
                )
        return {target: exp(fmean(each)) for target, each in logs.items() if len(each) == len(self.cases)}


@dataclass(frozen=True, slots=True)
class Rates:
    """Speed of downloads."""

    blocks: Blocks

    def parts(self, targets: Sequence[str], chance: Chance | None) -> Mapping[str, float]:
        """Return how near each target's median rate is to the best."""
        found = pooled(self.blocks, targets, chance)
        values = {target: median(rates) for target, rates in found.items() if rates}
        best = max(values.values(), default=0.0)
        return {target: desirability.larger_is_better(value, best) for target, value in values.items()}


@dataclass(frozen=True, slots=True)
class Lags:
    """How long new versions stay invisible."""

    result: FreshnessResult

    def parts(self, targets: Sequence[str], chance: Chance | None) -> Mapping[str, float]:
        """Return how near each median lag is to the best. One that never came half-way is worth nothing."""
        known = [target for target in targets if target in self.result.targets]
        lags = {target: self._lag(target, chance) for target in known}
        best = min((lag for lag in lags.values() if lag is not None), default=0.0)
        return {
            target: 0.0 if lag is None else desirability.smaller_is_better(lag, best, desirability.LAG_STEP)
            for target, lag in lags.items()
        }

    def _lag(self, target: str, chance: Chance | None) -> float | None:
        places = self.result.targets[target]
        half = next(places[place].median for place in _PLACES if place in places)
        if half.value is None or half.high is None or half.low is None or chance is None:
            return half.value
        # Lags spread by factors, not by differences.
        step = desirability.LAG_STEP
        spread = (log(half.high + step) - log(half.low + step)) / _WIDTH
        away = NormalDist().inv_cdf(min(max(chance.random(), 1e-6), 1 - 1e-6)) * spread
        return max((half.value + step) * exp(away) - step, 0.0)


@dataclass(frozen=True, slots=True)
class Rules:
    """What of the protocol a target does."""

    result: ProtocolResult

    def parts(self, targets: Sequence[str], chance: Chance | None) -> Mapping[str, float]:  # noqa: ARG002
        """Return the share of the features that it has; what a verdict leaves open does not count."""
        found = {}
        for target in targets:
            cells = self.result.cells.get(target, {}).values()
            worth = [_WORTH[cell.verdict] for cell in cells if cell.verdict in _WORTH]
            if worth:
                found[target] = fmean(worth)
        return found


def pooled(blocks: Blocks, targets: Sequence[str], chance: Chance | None) -> dict[str, list[float]]:
    """Return the values of each target from all blocks, or from as many that chance drew."""
    all_blocks = list(blocks.values())
    drawn = all_blocks if chance is None else resampled(all_blocks, chance)
    return {
        target: list(chain.from_iterable([block.get(target, ()) for block in drawn])) for target in targets
    }


def timed(samples: Iterable[Sample], targets: Sequence[str]) -> dict[str, Dimension]:
    """Return the dimensions that are made of times, where there are enough of them (lab.md 2.4).

    Few downloads vary little when they are drawn again: they would make sure of a winner who is none.
    """
    own = list(samples)
    small = [
        blocks
        for case, blocks in times_by_case(own).items()
        if "zip" not in case and all(pooled(blocks, targets, None).values())
    ]
    long_enough = [blocks for blocks in small if _fewest(blocks, targets) >= least_n(TAIL)]
    found: dict[str, Dimension] = {}
    if small:
        found["latency"] = Times(small, 0.5)
    if long_enough:
        found["tail"] = Times(long_enough, TAIL)
    rates = rates_by_block(own)
    if _fewest(rates, targets) >= least_n(0.5):
        found["speed"] = Rates(rates)
    return found


def _fewest(blocks: Blocks, targets: Sequence[str]) -> int:
    return min(map(len, pooled(blocks, targets, None).values()), default=0)
