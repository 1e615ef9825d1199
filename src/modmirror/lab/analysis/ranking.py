"""Who is best: gates first, then one score whose every doubt is carried through to the ranks (lab.md 7)."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from modmirror.lab.analysis.bench import MEASUREMENT
from modmirror.lab.analysis.dimensions import Lags, Rules, Shares, timed
from modmirror.lab.analysis.estimates import share_of
from modmirror.lab.analysis.gates import gates
from modmirror.lab.analysis.warming import steady
from modmirror.lab.results.ranking import Ranked, Ranking
from modmirror.measure import desirability
from modmirror.measure.ranking import standings, winner

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from modmirror.lab.analysis.dimensions import Dimension
    from modmirror.lab.results.coverage import CoverageResult, TargetCoverage
    from modmirror.lab.results.estimates import Share
    from modmirror.lab.results.freshness import FreshnessResult
    from modmirror.lab.results.protocol import ProtocolResult
    from modmirror.lab.results.ranking import Gate
    from modmirror.measure.ranking import Standing
    from modmirror.measure.resample import Chance
    from modmirror.measure.sample import Sample

DRAWS = 400


@dataclass(frozen=True, slots=True)
class Findings:
    """What a run measured. What it did not is None or empty."""

    targets: Sequence[str]
    samples: Sequence[Sample] = ()
    """Those of the bench; others are left out."""
    coverage: CoverageResult | None = None
    freshness: FreshnessResult | None = None
    protocol: ProtocolResult | None = None


def rank(findings: Findings, chance: Chance, draws: int = DRAWS) -> Ranking:
    """Rank the targets. A dimension counts where every target that passed its gates was measured in it."""
    bench = [sample for sample in findings.samples if sample.measurement == MEASUREMENT]
    available = _availability(bench)
    judged = {
        target: gates(available.get(target), _covered(findings, target)) for target in findings.targets
    }
    passing = [target for target in findings.targets if all(gate.passed for gate in judged[target])]
    dimensions = _dimensions(findings, bench, available, passing)
    parts = {name: each.parts(passing, None) for name, each in dimensions.items()}
    weights = desirability.weights_for(
        [name for name, found in parts.items() if passing and set(passing) <= set(found)]
    )
    if not weights:
        passing = []
    scores = _scores(passing, parts, weights)
    drawn = [
        _scores(passing, {name: dimensions[name].parts(passing, chance) for name in weights}, weights)
        for _ in range(draws if len(passing) > 1 else 1)
    ]
    ranked = standings(scores, drawn)
    rows = [_passed(each, scores, parts, judged) for each in ranked]
    for target in findings.targets:
        if target not in scores:
            # As it would be among the others: a gated mirror must not be what they are measured by.
            own = {name: each.parts([*passing, target], None) for name, each in dimensions.items()}
            rows.append(_failed(target, len(ranked) + 1, own, judged[target]))
    best = winner(ranked)
    return Ranking(weights, tuple(rows), best, _sentence(ranked, best, any_measured=bool(weights)))


def _availability(bench: Sequence[Sample]) -> dict[str, Share]:
    asked = Counter(sample.target for sample in bench)
    good = Counter(sample.target for sample in bench if sample.outcome == "ok")
    return {target: share_of(good[target], count) for target, count in asked.items()}


def _covered(findings: Findings, target: str) -> TargetCoverage | None:
    return findings.coverage.targets.get(target) if findings.coverage else None


def _dimensions(
    findings: Findings, bench: Sequence[Sample], available: Mapping[str, Share], passing: Sequence[str]
) -> dict[str, Dimension]:
    found = timed(steady(bench), passing)
    found["availability"] = Shares(available, desirability.USELESS_AVAILABILITY)
    if findings.coverage:
        shares = {target: each.overall for target, each in findings.coverage.targets.items()}
        found["coverage"] = Shares(shares, desirability.USELESS_COVERAGE)
    if findings.freshness:
        found["freshness"] = Lags(findings.freshness)
    if findings.protocol:
        found["protocol"] = Rules(findings.protocol)
    return found


def _scores(
    targets: Sequence[str], parts: Mapping[str, Mapping[str, float]], weights: Mapping[str, float]
) -> dict[str, float]:
    return {
        target: desirability.score({name: parts[name].get(target, 0.0) for name in weights}, weights)
        for target in targets
    }


def _passed(
    standing: Standing,
    scores: Mapping[str, float],
    parts: Mapping[str, Mapping[str, float]],
    judged: Mapping[str, tuple[Gate, ...]],
) -> Ranked:
    name = standing.name
    return Ranked(
        name,
        standing.rank,
        standing.group,
        scores[name],
        _parts_of(name, parts),
        judged[name],
        standing.chance,
    )


def _failed(
    target: str, place: int, parts: Mapping[str, Mapping[str, float]], judged: tuple[Gate, ...]
) -> Ranked:
    return Ranked(target, place, "", None, _parts_of(target, parts), judged, ())


def _parts_of(target: str, parts: Mapping[str, Mapping[str, float]]) -> dict[str, float]:
    return {name: found[target] for name, found in parts.items() if target in found}


def _sentence(ranked: Sequence[Standing], best: str | None, *, any_measured: bool) -> str:
    if not any_measured:
        return "No mirror passed every condition, or nothing was measured of all that did."
    if best is not None and len(ranked) == 1:
        return f"{best} is the only one that passed every condition."
    if best is not None:
        return f"{best} is best: it came first in {ranked[0].chance[0]:.0%} of the resampled runs."
    tied = [each.name for each in ranked if each.rank == 1]
    if len(tied) == 1:
        return f"{tied[0]} is probably best, but that is not sure enough to name a winner."
    return f"No single best: {', '.join(tied[:-1])} and {tied[-1]} are tied."
