"""The numbers of a coverage that a threshold can be set for, and what fails without any threshold."""

from __future__ import annotations

from typing import TYPE_CHECKING

from modmirror.lab.thresholds import Reading

if TYPE_CHECKING:
    from modmirror.lab.results.coverage import CoverageResult
    from modmirror.lab.results.estimates import Share

METRICS = {"coverage": "ratio", "mismatches": "files", "repacked": "files"}
"""By name: the unit."""
ALL = "all"


def readings(result: CoverageResult) -> list[Reading]:
    """Return shares by stratum and over all, and counts."""
    found = []
    for name, target in result.targets.items():
        numbers = [
            (ALL, "coverage", _ratio(target.overall)),
            *((stratum, "coverage", _ratio(share)) for stratum, share in target.strata.items()),
            (ALL, "mismatches", len(target.mismatches)),
            (ALL, "repacked", target.repacked),
        ]
        found += [Reading(name, case, metric, value, METRICS[metric]) for case, metric, value in numbers]
    return found


def wrong(result: CoverageResult) -> list[str]:
    """Return a sentence for every mirror that delivered wrong bytes: that fails outright (lab.md 2.5)."""
    return [
        f"{name} delivered {len(target.mismatches)} wrong files: {target.mismatches[0].path}"
        for name, target in result.targets.items()
        if target.mismatches
    ]


def _ratio(share: Share) -> float | None:
    return share.ok / share.n if share.n else None
