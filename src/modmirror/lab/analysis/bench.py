"""Latency and speed of mirrors, from the samples of randomised complete blocks (lab.md 2.4)."""

from __future__ import annotations

from collections import defaultdict
from itertools import combinations
from statistics import fmean
from typing import TYPE_CHECKING

from modmirror.lab.analysis.estimates import quantile_estimate, ratio_estimate
from modmirror.lab.analysis.times import LARGE, asked_for, case_of, log_ratios, time_of, times_by_case
from modmirror.lab.analysis.warming import left_out, steady, warm_ups
from modmirror.lab.results.bench import BenchResult, Comparison, Distribution, Speed
from modmirror.measure.jitter import between
from modmirror.measure.quantiles import median
from modmirror.measure.ranks import shift, signed_rank
from modmirror.measure.sequential import alpha_at, judge, settled
from modmirror.measure.ties import holm, letters

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from modmirror.lab.analysis.times import Blocks
    from modmirror.measure.sample import Sample

MEASUREMENT = "bench"
ECDF_POINTS = 200
_PHASES = ("dns", "connect", "tls", "send", "wait", "receive")


def bench(
    samples: Iterable[Sample],
    planned: Mapping[str, int] | None = None,
    stopped: str = "",
    stopped_zh: str = "",
) -> BenchResult:
    """Compare targets.

    Args:
        samples: of the whole run; those of other measurements are left out.
        planned: blocks that were planned, by ``Sample.case``, for cases that may end at an early look. A
            case that is not named was not looked at before its end.
        stopped: why it ended early, for a reader.
        stopped_zh: the same in Chinese.
    """
    own = [sample for sample in samples if sample.measurement == MEASUREMENT]
    slow = warm_ups(own)
    counted = steady(own, slow)
    times = times_by_case(counted)
    cases = tuple(sorted({case_of(sample) for sample in own}))
    compared = {case: _compared(case, times.get(case, {}), planned or {}) for case in cases}
    return BenchResult(
        cases=cases,
        targets=_distributions(own, counted),
        speeds=speeds(counted),
        comparisons=tuple(each for pairs in compared.values() for each in pairs),
        groups={case: _groups(times.get(case, {}), pairs) for case, pairs in compared.items()},
        blocks=len({sample.block for sample in own}),
        stopped=stopped,
        stopped_zh=stopped_zh,
        warm_up=slow,
    )


def may_stop(samples: Iterable[Sample], planned: int, least: int = 0) -> bool:
    """Say whether a bench may end after the blocks so far: every pair in every case is decided.

    Args:
        samples: so far; those of other measurements are left out.
        planned: blocks of the whole plan.
        least: blocks that must be there without those of a warm-up.
    """
    own = [sample for sample in samples if sample.measurement == MEASUREMENT]
    slow = warm_ups(own)
    done = len({sample.block for sample in own})
    if done - left_out(slow) < least:
        return False
    targets = sorted({sample.target for sample in own})
    pairs = [
        log_ratios(blocks, first, second)
        for blocks in times_by_case(steady(own, slow)).values()
        for first, second in combinations(targets, 2)
    ]
    # A target that never answers has no times: it is decided, whatever the others do.
    return settled([ratios for ratios in pairs if ratios], done, planned)


def speeds(samples: Iterable[Sample]) -> dict[str, Speed]:
    """Return by target how fast its complete downloads of at least 1 MB were."""
    downloads: dict[str, list[Sample]] = defaultdict(list)
    for sample in samples:
        if (
            sample.outcome == "ok"
            and sample.size >= LARGE
            and sample.timing.receive
            and sample.timing.total
        ):
            downloads[sample.target].append(sample)
    return {target: _speed(done) for target, done in sorted(downloads.items())}


def _speed(downloads: Sequence[Sample]) -> Speed:
    rates = [each.size / (each.timing.receive or each.timing.total) for each in downloads]
    stutter = [each.stutter for each in downloads if each.stutter is not None]
    return Speed(
        receive=quantile_estimate(rates, 0.5),
        whole=quantile_estimate([each.size / each.timing.total for each in downloads], 0.5),
        jitter_between=between(rates),
        jitter_within=median(stutter) if stutter else None,
    )


def _distributions(
    asked: Iterable[Sample], counted: Iterable[Sample]
) -> dict[str, dict[str, Distribution]]:
    every, steady_ones = _sorted_out(asked), _sorted_out(counted)
    return {
        target: {case: _distribution(own, steady_ones[target][case]) for case, own in cases.items()}
        for target, cases in sorted(every.items())
    }


def _sorted_out(samples: Iterable[Sample]) -> dict[str, dict[str, list[Sample]]]:
    found: dict[str, dict[str, list[Sample]]] = defaultdict(lambda: defaultdict(list))
    for sample in samples:
        found[sample.target][case_of(sample)].append(sample)
    return found


def _distribution(asked: Sequence[Sample], samples: Sequence[Sample]) -> Distribution:
    """Return the times of ``samples``, and how many of all that was asked failed, warm-up or not."""
    times = sorted(seconds for sample in samples if (seconds := time_of(sample)) is not None)
    return Distribution(
        n=len(times),
        failed=sum(sample.outcome != "ok" for sample in asked),
        mean=fmean(times) if times else None,
        median=quantile_estimate(times, 0.5),
        p95=quantile_estimate(times, 0.95),
        p99=quantile_estimate(times, 0.99),
        jitter=between(times),
        ecdf=_ecdf(times),
        phases=_phases([sample for sample in samples if sample.outcome == "ok"]),
        asked=len(asked),
    )


def _ecdf(ordered: Sequence[float]) -> tuple[tuple[float, float], ...]:
    """Return times with the share that they reach, thinned out evenly; the longest always stays."""
    n = len(ordered)
    points = min(n, ECDF_POINTS)
    places = [(point + 1) * n // points - 1 for point in range(points)]
    return tuple((ordered[place], (place + 1) / n) for place in places)


def _phases(samples: Sequence[Sample]) -> dict[str, float]:
    """Return the median of each phase that occurred."""
    found = {}
    for phase in _PHASES:
        seconds = [each for sample in samples if (each := getattr(sample.timing, phase)) is not None]
        if seconds:
            found[phase] = median(seconds)
    return found


def _compared(case: str, blocks: Blocks, planned: Mapping[str, int]) -> list[Comparison]:
    """Compare each two targets in one case, corrected for the number of pairs."""
    if not blocks:
        return []  # nobody answered: there are no times to compare
    targets = sorted({target for times in blocks.values() for target in times})
    pairs = [(one, other, log_ratios(blocks, one, other)) for one, other in combinations(targets, 2)]
    alpha = alpha_at(len(blocks), planned.get(asked_for(case), len(blocks)))
    corrected = holm([signed_rank(ratios) for _, _, ratios in pairs])
    return [
        _comparison(case, pair, p, alpha / len(pairs)) if p < alpha else _comparison(case, pair, p, None)
        for pair, p in zip(pairs, corrected, strict=True)
    ]


def _comparison(
    case: str, pair: tuple[str, str, Sequence[float]], p: float, alpha: float | None
) -> Comparison:
    """Return one row. ``alpha`` is None where the difference may be chance."""
    first, second, ratios = pair
    # Different, but by so little that nobody would feel it, is a tie as well.
    tie = alpha is None or judge(shift(ratios, alpha)) == "equal"
    return Comparison(case, first, second, ratio_estimate(shift(ratios), len(ratios)), p, tie)


def _groups(blocks: Blocks, pairs: Iterable[Comparison]) -> dict[str, str]:
    everything: dict[str, list[float]] = defaultdict(list)
    for times in blocks.values():
        for target, seconds in times.items():
            everything[target] += seconds
    best_first = sorted(everything, key=lambda target: (median(everything[target]), target))
    return letters(best_first, {frozenset((each.first, each.second)) for each in pairs if each.tie})
