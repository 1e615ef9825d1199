"""What to configure: computed from what was measured, each part with its reason (lab.md 7).

The go command goes on to the next mirror after ``,`` only when a module is not there (404, 410), and after
``|`` whatever went wrong. So ``|`` stands between mirrors that have the same modules: an outage of one is
then bridged by the other. Before a mirror with fewer modules stands ``,``: there, an outage must not turn
into "no such module".
"""

from __future__ import annotations

import json
from itertools import pairwise
from typing import TYPE_CHECKING

from modmirror.lab.analysis import wording
from modmirror.lab.results.setting import Setting

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from modmirror.lab.results.coverage import CoverageResult
    from modmirror.lab.results.protocol import ProtocolResult
    from modmirror.lab.results.ranking import Ranked, Ranking
    from modmirror.lab.results.setting import Reason

MOST = 3
"""Mirrors in one line: a build that fell over twice has other problems."""
SUMDB = "sum.golang.org"
SUMDB_IN_CHINA = "sum.golang.google.cn"
_SUMDB_FEATURES = "sumdb"
_CI = "ci"
_CHINA = "cn"


def recommend(
    ranking: Ranking,
    protocol: ProtocolResult | None,
    coverage: CoverageResult | None,
    for_: str = "",
    *,
    urls: Mapping[str, str],
) -> Setting:
    """Return the GOPROXY and GOSUMDB lines and the route of a modmirror in front.

    Args:
        ranking: who passed its gates, best first.
        protocol: says who passes the checksum database on, and who lacks what the go command needs.
        coverage: says who has the same modules.
        for_: ``ci``, or a region such as ``cn`` or ``cn-mobile``; empty for a developer anywhere.
        urls: base URL by target.
    """
    usable, warnings = _usable(ranking, protocol, urls)
    if not usable:
        return Setting("", SUMDB, warnings=(*warnings, wording.nothing()))
    chosen = usable[:MOST]
    links, reasons = _links(chosen, coverage, urls)
    ending, ending_reason = _ending(for_)
    goproxy = "".join(links) + ending
    gosumdb, database_reasons, database_warnings = _database(chosen, protocol, for_)
    if coverage is None and len(chosen) > 1:
        warnings.append(wording.coverage_unknown())
    return Setting(
        goproxy=goproxy,
        gosumdb=gosumdb,
        toml=_route(goproxy),
        reasons=(*reasons, ending_reason, *database_reasons, wording.route()),
        warnings=(*warnings, *database_warnings),
    )


def _usable(
    ranking: Ranking, protocol: ProtocolResult | None, urls: Mapping[str, str]
) -> tuple[list[Ranked], list[Reason]]:
    """Return who may be recommended, best first, and why the others may not."""
    usable: list[Ranked] = []
    warnings: list[Reason] = []
    for row in ranking.targets:
        failed = [gate for gate in row.gates if not gate.passed]
        lacking = _lacking(row.target, protocol)
        if failed:
            warnings += [wording.gated(row.target, gate) for gate in failed]
        elif row.score is None or row.target not in urls:
            warnings.append(wording.unmeasured(row.target))
        elif lacking:
            warnings.append(wording.unfit(row.target, lacking))
        else:
            usable.append(row)
    return usable, warnings


def _lacking(target: str, protocol: ProtocolResult | None) -> list[str]:
    if protocol is None:
        return []
    cells = protocol.cells.get(target, {})
    return [
        feature.title
        for feature in protocol.features
        if feature.needed and feature.key in cells and cells[feature.key].verdict == "no"
    ]


def _links(
    chosen: Sequence[Ranked], coverage: CoverageResult | None, urls: Mapping[str, str]
) -> tuple[list[str], list[Reason]]:
    first = chosen[0]
    links = [_quoted(urls[first.target])]
    reasons = [wording.first(first)]
    for before, row in pairwise(chosen):
        equal = _equal(before.target, row.target, coverage)
        links += ["|" if equal else ",", _quoted(urls[row.target])]
        reasons.append(wording.next_one(before.target, row, equal=equal))
    return links, reasons


def _equal(one: str, other: str, coverage: CoverageResult | None) -> bool:
    """Say whether two mirrors have the same modules, as far as the run can tell them apart."""
    if coverage is None or not {one, other} <= coverage.targets.keys():
        return True
    first, second = coverage.targets[one].overall, coverage.targets[other].overall
    return first.low <= second.high and second.low <= first.high


def _quoted(url: str) -> str:
    """Return a URL whose own ``,`` and ``|`` do not separate anything."""
    return url.replace(",", "%2C").replace("|", "%7C")


def _ending(for_: str) -> tuple[str, Reason]:
    if for_ == _CI:
        return "", wording.no_direct_in_ci()
    if _in_china(for_):
        return "", wording.no_direct_in_china()
    return ",direct", wording.direct()


def _database(
    chosen: Sequence[Ranked], protocol: ProtocolResult | None, for_: str
) -> tuple[str, list[Reason], list[Reason]]:
    passed = {row.target: _passes_database(row.target, protocol) for row in chosen}
    refusing = [wording.no_database(target) for target, verdict in passed.items() if verdict is False]
    best = chosen[0].target
    if passed[best]:
        return SUMDB, [wording.database_passed(best, SUMDB)], refusing
    if passed[best] is False:
        return SUMDB_IN_CHINA, [wording.database_apart(best, SUMDB_IN_CHINA)], refusing
    name = SUMDB_IN_CHINA if _in_china(for_) else SUMDB
    return name, [wording.database_unknown(name)], refusing


def _passes_database(target: str, protocol: ProtocolResult | None) -> bool | None:
    """Say whether a mirror passes the checksum database on; None: nobody asked it."""
    cells = protocol.cells.get(target, {}) if protocol else {}
    verdicts = [
        cell.verdict
        for key, cell in cells.items()
        if key.startswith(_SUMDB_FEATURES) and cell.verdict in {"yes", "no", "partly"}
    ]
    return all(verdict == "yes" for verdict in verdicts) if verdicts else None


def _in_china(for_: str) -> bool:
    return for_ == _CHINA or for_.startswith(f"{_CHINA}-")


def _route(goproxy: str) -> str:
    # A JSON text is a TOML text.
    return f'[[route]]\nmatch = ["*"]\nfrom = {json.dumps(goproxy)}\nsumdb = "verify"\n'
