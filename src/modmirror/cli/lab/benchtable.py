"""A bench as text: one table a case, best first, ties sharing a letter."""

from __future__ import annotations

from typing import TYPE_CHECKING

from modmirror.cli.lab.columns import table
from modmirror.lab.analysis.warming import left_out
from modmirror.lab.report.numbers import figures
from modmirror.lab.results.estimates import TOO_SMALL

if TYPE_CHECKING:
    from modmirror.lab.results.bench import BenchResult, Distribution
    from modmirror.lab.results.estimates import Estimate

_HEAD = ("", "mirror", "n", "failed", "median", "95 % interval", "mean", "jitter", "P95", "P99")


def bench_text(result: BenchResult) -> str:
    """Return all tables; what shares a letter could not be told apart."""
    parts = [f"{result.blocks} blocks" + (f": {result.stopped}" if result.stopped else "")]
    if result.warm_up:
        slow = ", ".join(
            f"{name} took {figures(each.ratio)} times as long in its first {each.count}"
            for name, each in result.warm_up.items()
        )
        parts.append(f"The first {left_out(result.warm_up)} blocks are left out as warm-up: {slow}.")
    parts += [_case(case, result) for case in result.cases]
    if result.speeds:
        parts.append(_speeds(result))
    parts.append("Mirrors that share a letter could not be told apart: they are tied.")
    return "\n\n".join(parts)


def _case(case: str, result: BenchResult) -> str:
    rows = [
        (result.groups.get(case, {}).get(target, ""), target, cases[case])
        for target, cases in result.targets.items()
        if case in cases
    ]
    # A mirror without a median comes last: it did not answer.
    rows.sort(key=lambda row: (row[2].median.value is None, row[2].median.value or 0.0))
    return f"{case}\n" + table([_HEAD, *(_row(*row) for row in rows)])


def _row(group: str, target: str, found: Distribution) -> tuple[str, ...]:
    return (
        group,
        target,
        str(found.n),
        str(found.failed),
        _ms(found.median.value),
        _interval(found.median),
        _ms(found.mean),
        "–" if found.jitter is None else f"{found.jitter:.0%}",
        _ms(found.p95.value),
        _ms(found.p99.value),
    )


def _speeds(result: BenchResult) -> str:
    head = ("", "mirror", "while receiving", "with the wait", "between", "within")
    rows = [
        (
            "",
            target,
            _rate(speed.receive.value),
            _rate(speed.whole.value),
            "–" if speed.jitter_between is None else f"{speed.jitter_between:.0%}",
            "–" if speed.jitter_within is None else f"{speed.jitter_within:.0%}",
        )
        for target, speed in sorted(
            result.speeds.items(), key=lambda item: item[1].receive.value or 0.0, reverse=True
        )
    ]
    return "speed of zips of at least 1 MB, and its jitter\n" + table([head, *rows])


def _ms(seconds: float | None) -> str:
    return TOO_SMALL if seconds is None else f"{seconds * 1000:.1f} ms"


def _interval(estimate: Estimate) -> str:
    if estimate.low is None or estimate.high is None:
        return TOO_SMALL
    return f"{estimate.low * 1000:.1f} to {estimate.high * 1000:.1f}"


def _rate(value: float | None) -> str:
    return TOO_SMALL if value is None else f"{value / 1e6:.2f} MB/s"
