from __future__ import annotations

import pytest

from modmirror.lab.load.job import Merged
from modmirror.lab.load.tally import Tally


def tally(*seconds: float) -> Tally:
    made = Tally(planned=len(seconds))
    for each in seconds:
        made.done("ok", 200, 10.0 - each, 10.0 - each / 2, 10.0)
    return made


def test_quantiles_are_read_after_merging() -> None:
    """Of 99 quick and 99 slow answers by two workers, the median of all is neither's own (lab.md 2.1)."""
    merged = Merged()
    merged.add(tally(*[0.001] * 99).counted(cpu=1.0, seconds=2.0))
    merged.add(tally(*[0.1] * 100).counted(cpu=0.5, seconds=2.0))
    assert len(merged.response) == 199
    assert merged.response.quantile(0.5) == pytest.approx(0.1, rel=0.001)
    assert merged.service.quantile(0.25) == pytest.approx(0.0005, rel=0.01)
    assert (merged.planned, merged.answered) == (199, 199)
    assert merged.cpu == 0.5, "of the busiest worker"


def test_errors_of_all_workers_add_up() -> None:
    merged = Merged()
    for _ in range(2):
        one = Tally(planned=1, dropped=3)
        one.done("4xx", 429, 0.0, 0.0, 1.0)
        merged.add(one.counted(cpu=0.0, seconds=0.0))
    assert merged.errors == {"4xx": 2}
    assert (merged.rejected, merged.dropped) == (2, 6)
    assert merged.cpu == 0.0
