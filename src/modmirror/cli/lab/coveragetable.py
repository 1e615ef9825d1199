"""A coverage as text: a table of strata by mirror, then what is wrong and what is missing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from modmirror.cli.lab.columns import table

if TYPE_CHECKING:
    from collections.abc import Iterator

    from modmirror.lab.results.coverage import CoverageResult, TargetCoverage
    from modmirror.lab.results.estimates import Share

_SHOWN = 5
"""Missing files that are named for each mirror; the rest is in the samples."""


def coverage_text(result: CoverageResult) -> str:
    """Return the table and the findings."""
    names = list(result.targets)
    rows = [("", "", *names)]
    rows += [
        (stratum, "", *(_share(result.targets[name].strata.get(stratum)) for name in names))
        for stratum in result.strata
    ]
    rows.append(("all", "", *(_share(result.targets[name].overall) for name in names)))
    rows.append(("at least (95 %)", "", *(f"{result.targets[name].overall.low:.1%}" for name in names)))
    parts = [f"corpus {result.corpus}", table(rows)]
    parts += ["\n".join(_findings(name, found)) for name, found in result.targets.items()]
    return "\n\n".join(part for part in parts if part)


def _findings(name: str, found: TargetCoverage) -> Iterator[str]:
    for wrong in found.mismatches:
        yield f"{name}: WRONG {wrong.path}: {wrong.got}, by {wrong.authority} {wrong.want}"
    if found.repacked:
        yield f"{name}: {found.repacked} files repacked (other bytes, same h1)"
    for missing in found.missing[:_SHOWN]:
        yield f"{name}: {missing}"
    if len(found.missing) > _SHOWN:
        yield f"{name}: and {len(found.missing) - _SHOWN} more"


def _share(share: Share | None) -> str:
    return f"{share.ok}/{share.n}" if share and share.n else "–"
