"""Holds what the lab found against what is known of the emulated mirrors. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct

from modmirror.lab.demo.cast import SUBJECT

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from modmirror.lab.report.facts import Report
    from modmirror.lab.results.faults import FaultRun
    from modmirror.lab.results.freshness import FreshnessResult
    from modmirror.lab.results.ranking import Gate, Ranked, Ranking

_EARLY = 0.8
"""A lag is found when the median is at least so much of it: looks are made at steps of time."""


class Finding(Struct, frozen=True):
    """One verdict of the lab."""

    who: str
    right: bool
    text: str
    """What was found, with numbers."""


def judge(report: Report, stale: float) -> tuple[Finding, ...]:
    """Return a finding for each mirror; the stale one was ``stale`` seconds behind."""
    return tuple(_findings(report, stale))


def _findings(report: Report, stale: float) -> Iterator[Finding]:
    ranking = report.ranking
    if ranking is None:
        yield Finding("ranking", right=False, text="nothing was ranked")
        return
    rows = {row.target: row for row in ranking.targets}
    yield _gated(rows["corrupt"], ("integrity",))
    yield _gated(rows["incomplete"], ("coverage",))
    if report.freshness is not None:
        yield _stale(report.freshness, stale)
    yield _best(ranking)
    yield _slow(rows)
    yield _front(rows[SUBJECT])
    for fault in report.faults:
        for name, runs in fault.scenarios.items():
            yield _survived(name, runs)


def _gated(row: Ranked, names: Sequence[str]) -> Finding:
    """Say whether a mirror is out for one of these reasons."""
    failed = {gate.name: gate for gate in row.gates if not gate.passed}
    found = [failed[name].text for name in names if name in failed]
    text = f"is out: {'; '.join(found)}" if found else f"was not found out by {' or '.join(names)}"
    return Finding(row.target, right=bool(found) and row.score is None, text=text)


def _stale(result: FreshnessResult, stale: float) -> Finding:
    lags = {target: places["list"].median.value for target, places in result.targets.items()}
    own = lags["stale"]
    others = [lag for target, lag in lags.items() if target not in {"stale", SUBJECT} and lag is not None]
    slowest = max(others, default=0.0)
    if own is None:
        return Finding("stale", right=bool(others), text="showed new versions in its lists not at all")
    text = f"lists show new versions after {own:.1f} s; with the other mirrors it is {slowest:.1f} s"
    return Finding("stale", right=own >= stale * _EARLY and own > slowest, text=text)


def _best(ranking: Ranking) -> Finding:
    """Say whether the good mirror is first, or tied with the first, of those that are not our own."""
    rows = [row for row in ranking.targets if row.score is not None and row.target != SUBJECT]
    good = next((row for row in rows if row.target == "good"), None)
    if good is None:
        return Finding("good", right=False, text="did not pass its gates")
    first = rows[0]
    tied = bool(set(good.group) & set(first.group))
    if first is good:
        return Finding("good", right=True, text=f"is the best of the five (score {good.score:.2f})")
    return Finding("good", right=tied, text=f"is {'tied with' if tied else 'behind'} {first.target}")


def _slow(rows: dict[str, Ranked]) -> Finding:
    slow, good = (rows[name].parts.get("latency", 1.0) for name in ("slow", "good"))
    text = f"its latency is worth {slow:.2f}, that of the good one {good:.2f}"
    return Finding("slow", right=slow < good, text=text)


def _front(row: Ranked) -> Finding:
    failed: list[Gate] = [gate for gate in row.gates if not gate.passed]
    if failed:
        return Finding(row.target, right=False, text="; ".join(gate.text for gate in failed))
    return Finding(
        row.target, right=True, text="passed every gate, though two of its upstreams lie or lack modules"
    )


def _survived(name: str, runs: Sequence[FaultRun]) -> Finding:
    points = [point for run in runs for point in run.points]
    wrong = sum(run.wrong for run in runs)
    hits = [point for point in points if point.kind == "hit"]
    good = sum(point.ok for point in hits)
    text = f"{good} of {len(hits)} stored files served well meanwhile, {wrong} wrong answers"
    return Finding(f"fault {name}", right=not wrong and bool(hits) and good == len(hits), text=text)
