from __future__ import annotations

import pytest

from modmirror.lab.replay.schedule import makespan


@pytest.mark.parametrize(
    ("chains", "lanes", "seconds"),
    [
        ([], 10, 0.0),
        ([1.0, 2.0, 3.0], 1, 6.0),
        ([1.0, 2.0, 3.0], 10, 3.0),
        ([3.0, 1.0, 1.0, 1.0], 2, 3.0),
        ([1.0, 1.0, 1.0, 3.0], 2, 4.0),
    ],
)
def test_a_chain_begins_where_a_lane_is_free_first(chains: list[float], lanes: int, seconds: float) -> None:
    assert makespan(chains, lanes) == seconds
