from __future__ import annotations

from modmirror.cli.lab.cachetable import cache_text
from modmirror.lab.results.cache import CacheResult, HotResource, TargetCache
from modmirror.lab.results.estimates import Estimate, Share

FOUND = TargetCache(
    cold=Estimate(0.2, 0.1, 0.3, 30),
    warm=Estimate(0.01, 0.009, 0.011, 90),
    ratio=Estimate(20.0, 18.0, 22.0, 30),
    coalescing=1.0,
    concurrent=20,
    hits={"hot": Share(9, 10, 0.6, 1.0)},
    saved_seconds=0.19,
    notes=("so it was",),
)


def test_everything_that_was_found_is_shown() -> None:
    text = cache_text(CacheResult({"mine": FOUND}, (HotResource("x/@v/list", 42, 3),)))
    for words in (
        "200.00 ms", "100.00 to 300.00", "10.00 ms", "20.0 ×", "190.00 ms", "9/10",
        "mine: 20 at once for one cold file cause 1 upstream fetches", "mine: so it was",
        "42  ± 3  x/@v/list",
    ):  # fmt: skip
        assert words in text


def test_what_is_not_known_is_not_shown() -> None:
    small = Estimate(n=2)
    text = cache_text(CacheResult({"mine": TargetCache(small, small, small, None)}))
    assert "n too small" in text
    assert "at once" not in text
    assert "asked for most" not in text
