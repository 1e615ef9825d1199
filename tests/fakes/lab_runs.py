"""A rich run that nobody measured: five mirrors in three regions, each with its own fault.

Reports are tested and looked at with it. All numbers follow from the seed.
"""

from __future__ import annotations

from random import Random
from typing import TYPE_CHECKING

from modmirror.lab.report.facts import Flag, Report, RunFacts, State
from modmirror.lab.results.differences import Difference
from modmirror.lab.run.folder import RunFolder
from modmirror.lab.run.manifest import Environment, Manifest
from modmirror.lab.run.manifest import Flag as ManifestFlag
from modmirror.lab.target import TargetEntry
from modmirror.measure.sample import Sample, Timing
from tests.fakes.lab_findings import (
    bench,
    cache,
    coverage,
    faults,
    freshness,
    links,
    load,
    probe,
    protocol,
    replay,
)
from tests.fakes.lab_mirrors import GOOD, PARTIAL, SLOW, STALE, TARGETS
from tests.fakes.lab_verdicts import elsewhere, hours, ranking, setting

if TYPE_CHECKING:
    from pathlib import Path


def rich_report(seed: int = 7, *, state: State = "complete", flags: tuple[Flag, ...] = ()) -> Report:
    """Return a report with every part in it."""
    chance = Random(seed)
    run = RunFacts(
        command="modmirror lab study harbour.toml --seed 7",
        version="0.1.0",
        seed=seed,
        state=state,
        started="2026-11-20T08:00:00+08:00",
        ended="2026-11-20T09:12:30+08:00",
        region="cn-east",
        corpus="sha256:7d1a54127b222502f5b79b5fb0803061152a44f92b37e23c6527baf665d4da9a",
        targets=TARGETS,
        flags=flags,
        environment={"kernel": "Linux 6.18", "cores": "4", "python": "3.11.7", "congestion control": "bbr"},
        requests=8120,
        failed=61,
        received=191_000_000,
    )
    compared, downloads = bench(chance)
    return Report(
        run=run,
        ranking=ranking(),
        setting=setting(),
        protocol=protocol(),
        coverage=coverage(chance),
        freshness=freshness(),
        probe=probe(),
        bench=compared,
        load=(load(),),
        cache=cache(),
        faults=(faults(chance),),
        links=links(),
        replay=replay(),
        downloads=downloads,
        hours=hours(chance),
        arch={GOOD: 0.07, STALE: 0.61, SLOW: 0.52, PARTIAL: 0.11},
        elsewhere=(elsewhere(),),
        differences=(
            Difference(SLOW, "info/warm", 0.198, 0.236, 0.0004, worse=True),
            Difference(PARTIAL, "speed", 8.2e6, 1.1e7, 0.0011, worse=False),
        ),
    )


def store_run(path: Path, report: Report) -> Path:
    """Store what a report shows as the folder of a run, with a few samples, and return the folder."""
    run = RunFolder.create(path, _manifest(report), lambda: report.run.ended)
    for number, (target, rates) in enumerate(report.downloads.items()):
        for block, rate in enumerate(rates):
            timing = Timing(wait=0.03, receive=2e6 / rate, total=0.03 + 2e6 / rate)
            at = float(block * 10 + number)
            path_ = "x/@v/v1.0.0.zip"
            sample = Sample(
                "bench", target, "zip-large", path_, block, at, at, timing, "ok", size=2_000_000
            )
            run.append(sample)
    found = {
        "ranking": report.ranking, "protocol": report.protocol, "coverage": report.coverage,
        "probe": report.probe,
        "freshness": report.freshness, "bench": report.bench, "load": report.load[0], "cache": report.cache,
        "fault": report.faults[0], "replay": report.replay,
    }  # fmt: skip
    for name, result in found.items():
        if result is not None:
            run.put_result(name, result)
    for flag in report.run.flags:
        run.flag(ManifestFlag(flag.name, flag.text))  # type: ignore[arg-type]  # a report may show any name
    if report.run.state != "running":
        run.finish(report.run.state)
    return path


def _manifest(report: Report) -> Manifest:
    facts = report.run
    return Manifest(
        verb="study",
        seed=facts.seed,
        started=facts.started,
        targets=tuple(
            TargetEntry(each.name, each.url, region=each.region, operator=each.operator)
            for each in facts.targets
        ),
        command=tuple(facts.command.split()),
        region=facts.region,
        corpus=facts.corpus,
        environment=Environment(version=facts.version, kernel="Linux 6.18", cores=4, congestion="bbr"),
        floor={"connect": 0.00004, "wait": 0.0001},
    )
