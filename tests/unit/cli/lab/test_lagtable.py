from __future__ import annotations

from modmirror.cli.lab.lagtable import lag_text
from modmirror.lab.analysis.estimates import share_of
from modmirror.lab.results.estimates import Estimate
from modmirror.lab.results.freshness import FreshnessResult, Lag

WITHIN = {"60": share_of(3, 4), "300": share_of(4, 4), "1800": share_of(4, 4)}


def test_a_row_has_the_lag_and_how_sure_it_is() -> None:
    lags = {
        "list": Lag(Estimate(30.0, 20.0, 50.0, 9), (), WITHIN, 9, 1),
        "latest": Lag(Estimate(None, None, None, 2), (), WITHIN, 2, 0),
    }
    lines = lag_text(FreshnessResult({"a": lags}, note="kept out")).splitlines()
    assert lines[1].split() == ["a", "list", "9", "1", "30", "s", "20", "to", "50", "3/4", "4/4", "4/4"]
    assert lines[2].count("n too small") == 2
    assert lines[-1] == "Observer effect: kept out."


def test_a_run_without_versions_says_so() -> None:
    assert lag_text(FreshnessResult({})) == "no new version was looked for"
