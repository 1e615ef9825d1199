from __future__ import annotations

import msgspec
import pytest

from modmirror.cli.lab.loadtable import load_text
from modmirror.lab.results.load import LoadResult, LoadStep

STEP = LoadStep(
    offered=100, achieved=99.6, dropped=2, response={"p50": 0.01, "p95": 0.02, "p99": None, "max": 0.5},
    service={"p99": 0.004}, errors={"5xx": 3}, client_cpu=0.25, server_cpu=0.5, server_rss=64_000_000,
    server_gc_count=12, server_gc_seconds=0.03, gc_pause_p99=0.002, part="sweep", n=1000, rejected=1,
    failed="3 of 1000 failed",
)  # fmt: skip


def test_both_times_the_cost_and_the_reason_are_shown() -> None:
    text = load_text(LoadResult("mine", "poisson", (STEP,), 80.0, "at 100/s too much", 300.0, 310.0))
    assert text.startswith("mine: knee 80 requests a second (at 100/s too much); poisson arrivals")
    row = next(line for line in text.splitlines() if line.startswith("  sweep"))
    for word in (
        "100/s",
        "10.00 ms",
        "n too small",
        "500.00 ms",
        "4.00 ms",
        "5xx 3",
        "0.25",
        "5020",
        "64 MB",
        "12 x 2.50 ms",
    ):
        assert word in row
    assert "100/s: 3 of 1000 failed" in text
    assert "answers 429: 1" in text
    assert "garbage collection of the client, P99: 2.00 ms" in text
    assert "closed loop: 300/s (closed: latency not comparable)" in text
    assert "wrk, closed loop: 310/s" in text


@pytest.mark.parametrize(
    ("count", "seconds", "shown"), [(None, None, "–"), (0, 0.0, "0"), (1, 0.5, "1 x 500.00 ms")]
)
def test_the_pauses_of_the_server_are_the_last_column(
    count: int | None, seconds: float | None, shown: str
) -> None:
    step = msgspec.structs.replace(STEP, server_gc_count=count, server_gc_seconds=seconds)
    text = load_text(LoadResult("mine", "poisson", (step,), None, ""))
    row = next(line for line in text.splitlines() if line.startswith("  sweep"))
    assert row.partition("64 MB")[2].strip() == shown


def test_nothing_is_made_up_where_nothing_was_measured() -> None:
    text = load_text(LoadResult("mine", "constant", (), None, "interrupted"))
    assert text.startswith("mine: knee not found (interrupted)")
    assert "sweep" not in text
    assert "closed" not in text
