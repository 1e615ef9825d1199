"""What a whole build costs, as text."""

from __future__ import annotations

from math import inf
from typing import TYPE_CHECKING

from modmirror.cli.lab.columns import table
from modmirror.lab.results.estimates import TOO_SMALL

if TYPE_CHECKING:
    from modmirror.lab.results.estimates import Estimate
    from modmirror.lab.results.replay import ReplayResult

_HEAD = (
    "mirror",
    "builds",
    "seconds",
    "95 % interval",
    "go command",
    "95 % interval",
    "requests",
    "MB",
    "failed",
)


def replay_text(result: ReplayResult) -> str:
    """Return the table, quickest first, and what is to be known of the numbers."""
    ordered = sorted(
        result.targets.items(),
        key=lambda item: (item[1].seconds.value is None, item[1].seconds.value or 0.0),
    )
    rows = [
        (
            name,
            str(cost.seconds.n),
            _seconds(cost.seconds),
            _interval(cost.seconds),
            "–" if cost.go_seconds is None else _seconds(cost.go_seconds),
            "–" if cost.go_seconds is None else _interval(cost.go_seconds),
            str(cost.requests),
            f"{cost.size / 1e6:.1f}",
            str(cost.failed),
        )
        for name, cost in ordered
    ]
    notes = [f"{name}: {cost.note}" for name, cost in ordered if cost.note]
    parts = [f"one build of {result.build}", table([_HEAD, *rows]), "\n".join(notes)]
    return "\n\n".join(part for part in parts if part)


def _order(estimate: Estimate) -> float:
    return inf if estimate.value is None else estimate.value


def _seconds(estimate: Estimate) -> str:
    return TOO_SMALL if estimate.value is None else f"{estimate.value:.3f} s"


def _interval(estimate: Estimate) -> str:
    if estimate.low is None or estimate.high is None:
        return TOO_SMALL
    return f"{estimate.low:.3f} to {estimate.high:.3f}"
