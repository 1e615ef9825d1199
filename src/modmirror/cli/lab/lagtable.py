"""Lags of new versions as text: a row for each mirror and place."""

from __future__ import annotations

from typing import TYPE_CHECKING

from modmirror.cli.lab.columns import table
from modmirror.lab.results.estimates import TOO_SMALL

if TYPE_CHECKING:
    from modmirror.lab.results.estimates import Estimate, Share
    from modmirror.lab.results.freshness import FreshnessResult, Lag

_HEAD = ("mirror", "place", "versions", "never", "median", "95 % interval", "1 min", "5 min", "30 min")


def lag_text(result: FreshnessResult) -> str:
    """Return the table, and how the observer effect was kept out."""
    rows = [
        _row(target, place, lag)
        for target, places in result.targets.items()
        for place, lag in places.items()
    ]
    if not rows:
        return "no new version was looked for"
    return "\n\n".join([table([_HEAD, *rows]), f"Observer effect: {result.note}."])


def _row(target: str, place: str, lag: Lag) -> tuple[str, ...]:
    within = (_share(share) for share in lag.within.values())
    median = TOO_SMALL if lag.median.value is None else f"{lag.median.value:.0f} s"
    return (target, place, str(lag.versions), str(lag.never), median, _interval(lag.median), *within)


def _interval(estimate: Estimate) -> str:
    if estimate.low is None and estimate.high is None:
        return TOO_SMALL
    low = "0" if estimate.low is None else f"{estimate.low:.0f}"
    return f"{low} to {'?' if estimate.high is None else f'{estimate.high:.0f}'}"


def _share(share: Share) -> str:
    return f"{share.ok}/{share.n}"
