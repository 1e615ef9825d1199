from __future__ import annotations

from modmirror.cli.lab.replaytable import replay_text
from modmirror.lab.results.estimates import Estimate
from modmirror.lab.results.replay import ReplayCost, ReplayResult


def test_the_quickest_comes_first_and_what_failed_last() -> None:
    result = ReplayResult(
        "go.sum",
        {
            "broken": ReplayCost(Estimate(n=0), 10, 9, 3, note="3 files were not to be had"),
            "slow": ReplayCost(Estimate(2.0, 1.5, 2.5, 6), 13, 2_500_000, 0),
            "quick": ReplayCost(Estimate(1.0, 0.5, 1.5, 6), 13, 2_500_000, 0, Estimate(1.25, 1.0, 1.5, 6)),
        },
    )
    text = replay_text(result)
    assert text.index("quick") < text.index("slow") < text.index("broken")
    for words in ("one build of go.sum", "1.000 s", "0.500 to 1.500", "1.250 s", "2.5", "n too small"):
        assert words in text
    assert "broken: 3 files were not to be had" in text
