"""From what was found to who is best and which setting to use; made anew for each report."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec.structs import replace

from modmirror.lab.analysis.ranking import Findings, rank
from modmirror.lab.analysis.setting import recommend

if TYPE_CHECKING:
    from collections.abc import Sequence

    from modmirror.lab.report.facts import Report
    from modmirror.lab.results.ranking import Ranking
    from modmirror.measure.resample import Chance
    from modmirror.measure.sample import Sample


def conclude(report: Report, samples: Sequence[Sample], chance: Chance, for_: str = "") -> Report:
    """Return the report with ranking and setting, where anything tells the mirrors apart.

    ``chance`` draws the resampled runs; ``for_`` says for whom, as ``setting.recommend`` does.
    """
    ranking = report.ranking or _ranked(report, samples, chance)
    if ranking is None:
        return report
    urls = {target.name: target.url for target in report.run.targets}
    setting = recommend(ranking, report.protocol, report.coverage, for_, urls=urls)
    return replace(report, ranking=ranking, setting=setting)


def _ranked(report: Report, samples: Sequence[Sample], chance: Chance) -> Ranking | None:
    told = (report.bench, report.coverage, report.freshness, report.protocol)
    if not report.run.targets or all(each is None for each in told):
        return None
    findings = Findings(
        [target.name for target in report.run.targets],
        samples,
        report.coverage,
        report.freshness,
        report.protocol,
    )
    return rank(findings, chance)
