from __future__ import annotations

from random import Random
from typing import TYPE_CHECKING

import pytest

from modmirror.lab.analysis.estimates import share_of
from modmirror.lab.analysis.ranking import Findings, rank
from modmirror.lab.results.coverage import CoverageResult, Mismatch, TargetCoverage
from modmirror.lab.results.estimates import Estimate
from modmirror.lab.results.freshness import FreshnessResult, Lag
from modmirror.lab.results.protocol import Cell, Feature, ProtocolResult
from modmirror.measure.desirability import WEIGHTS
from tests.fakes.samples import blocks, sample

if TYPE_CHECKING:
    from modmirror.lab.results.ranking import Ranked


def by_name(rows: tuple[Ranked, ...]) -> dict[str, Ranked]:
    return {row.target: row for row in rows}


def covered(ok: int, *wrong: str) -> TargetCoverage:
    mismatches = tuple(Mismatch(path, "h1:a", "h1:b", "majority") for path in wrong)
    return TargetCoverage(share_of(ok, 100), {"popular": share_of(ok, 100)}, mismatches)


def whole_run() -> Findings:
    names = ("good", "slow", "stale", "partial", "corrupt")
    middles = dict(zip(names, (0.05, 0.25, 0.05, 0.05, 0.02), strict=True))
    chance = Random(3)
    zips = [
        sample(
            target, seconds * 20 * chance.uniform(0.9, 1.1), case="zip-large", size=2_000_000, block=block
        )
        for target, seconds in middles.items()
        for block in range(20)
    ]
    lags = dict(zip(names, (40.0, 40.0, 1500.0, 40.0, 40.0), strict=True))
    return Findings(
        names,
        [*blocks(chance, middles), *zips],
        CoverageResult(
            "",
            ("popular",),
            {name: covered(90 if name == "partial" else 100) for name in names[:-1]}
            | {"corrupt": covered(99, "a.zip")},
        ),
        FreshnessResult(
            {
                name: {"list": Lag(Estimate(each, each * 0.8, each * 1.2, 50), (), {}, 50, 0)}
                for name, each in lags.items()
            }
        ),
        ProtocolResult(names, (Feature("list", ""),), {name: {"list": Cell("yes", "")} for name in names}),
    )


def test_the_good_one_wins_the_bad_ones_are_gated_and_the_others_are_behind() -> None:
    ranking = rank(whole_run(), Random(1), draws=100)
    rows = by_name(ranking.targets)
    assert ranking.winner == "good"
    assert ranking.text == "good is best: it came first in 100% of the resampled runs."
    assert ranking.targets[0].target == "good"
    assert rows["good"].rank == 1
    assert {rows["slow"].rank, rows["stale"].rank} <= {2, 3}
    assert rows["stale"].parts["freshness"] < 0.1
    for name, gate in (("partial", "coverage"), ("corrupt", "integrity")):
        assert (rows[name].score, rows[name].rank, rows[name].group, rows[name].chance) == (None, 4, "", ())
        assert [each.name for each in rows[name].gates if not each.passed] == [gate]
    assert ranking.weights == pytest.approx(WEIGHTS)


def test_a_gated_mirror_is_not_what_the_others_are_measured_by() -> None:
    rows = by_name(rank(whole_run(), Random(1), draws=10).targets)
    assert max(rows["good"].parts["latency"], rows["stale"].parts["latency"]) == 1
    assert rows["corrupt"].parts["latency"] == 1


def test_the_same_seed_gives_the_same_ranking() -> None:
    assert rank(whole_run(), Random(7), draws=50) == rank(whole_run(), Random(7), draws=50)


def test_two_alike_are_tied_and_nobody_wins() -> None:
    ranking = rank(Findings(("x", "y"), blocks(Random(5), {"x": 0.1, "y": 0.1})), Random(1))
    assert ranking.winner is None
    assert ranking.text in {"No single best: x and y are tied.", "No single best: y and x are tied."}
    assert [row.rank for row in ranking.targets] == [1, 1]
    assert {row.group for row in ranking.targets} == {"a"}


def test_what_was_not_measured_leaves_its_weight_to_the_others() -> None:
    ranking = rank(Findings(("x", "y"), blocks(Random(5), {"x": 0.1, "y": 0.2}, 30)), Random(1), draws=50)
    assert set(ranking.weights) == {"availability", "latency"}
    assert sum(ranking.weights.values()) == pytest.approx(1)


def test_a_dimension_that_one_lacks_counts_for_nobody() -> None:
    result = FreshnessResult({"x": {"list": Lag(Estimate(60, 50, 70, 9), (), {}, 9, 0)}})
    findings = Findings(("x", "y"), blocks(Random(5), {"x": 0.1, "y": 0.2}, 30), freshness=result)
    ranking = rank(findings, Random(1), draws=10)
    assert "freshness" not in ranking.weights
    assert by_name(ranking.targets)["x"].parts["freshness"] == 1


def test_one_alone_that_passed_wins() -> None:
    dead = [sample("dead", outcome="dns", block=block) for block in range(50)]
    findings = Findings(("x", "dead"), [*blocks(Random(5), {"x": 0.1}, 50), *dead])
    ranking = rank(findings, Random(1))
    assert (ranking.winner, ranking.text) == ("x", "x is the only one that passed every condition.")
    assert by_name(ranking.targets)["dead"].rank == 2


def test_nothing_measured_ranks_nobody() -> None:
    ranking = rank(Findings(("x", "y")), Random(1))
    assert ranking.winner is None
    assert ranking.weights == {}
    assert [(row.target, row.rank, row.score) for row in ranking.targets] == [
        ("x", 1, None),
        ("y", 1, None),
    ]
    assert ranking.text.startswith("No mirror passed every condition")


def test_nobody_passing_is_said() -> None:
    samples = [sample("x", outcome="timeout", block=block) for block in range(20)]
    ranking = rank(Findings(("x",), samples), Random(1))
    assert (ranking.winner, ranking.targets[0].score) == (None, None)


def test_a_probable_best_without_a_proof_is_no_winner() -> None:
    verdicts = {
        rank(
            Findings(("x", "y"), blocks(Random(seed), {"x": 0.1, "y": 0.106})), Random(1), draws=100
        ).winner
        for seed in range(6)
    }
    assert None in verdicts
