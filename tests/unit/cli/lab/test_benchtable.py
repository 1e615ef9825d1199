from __future__ import annotations

from msgspec.structs import replace

from modmirror.cli.lab.benchtable import bench_text
from modmirror.lab.results.bench import BenchResult, Distribution, Speed
from modmirror.lab.results.estimates import Estimate
from modmirror.measure.warmup import WarmUp


def distribution(median: float | None, p95: float | None = None) -> Distribution:
    middle = Estimate(median, median and median * 0.9, median and median * 1.1, 30)
    return Distribution(
        n=30 if median else 0, failed=0 if median else 30, mean=median, median=middle,
        p95=Estimate(p95), p99=Estimate(), jitter=0.2 if median else None, ecdf=(), phases={},
    )  # fmt: skip


RESULT = BenchResult(
    cases=("info/warm",),
    targets={
        "dead": {"info/warm": distribution(None)},
        "slow": {"info/warm": distribution(0.2, 0.4)},
        "fast": {"info/warm": distribution(0.1, 0.3)},
    },
    speeds={
        "slow": Speed(Estimate(2e6), Estimate(1e6)),
        "fast": Speed(Estimate(9e6), Estimate(8e6), 0.1, 0.3),
    },
    comparisons=(),
    groups={"info/warm": {"fast": "a", "slow": "b"}},
    blocks=25,
    stopped="all was clear",
)


def test_what_was_left_out_as_warm_up_is_told() -> None:
    slow = {"slow": WarmUp(4, 1.03, 0.0001), "fast": WarmUp(6, 3.0, 0.0001)}
    assert bench_text(replace(RESULT, warm_up=slow)).splitlines()[2] == (
        "The first 6 blocks are left out as warm-up: slow took 1.03 times as long in its first 4, "
        "fast took 3.00 times as long in its first 6."
    )
    assert "warm-up" not in bench_text(replace(RESULT, warm_up={}))


def test_the_best_comes_first_and_what_did_not_answer_last() -> None:
    lines = bench_text(RESULT).splitlines()
    assert lines[0] == "25 blocks: all was clear"
    rows = [line.split() for line in lines[4:7]]
    assert [row[:2] for row in rows] == [["a", "fast"], ["b", "slow"], ["dead", "0"]]
    assert "90.0 to 110.0" in lines[4]


def test_a_number_that_n_does_not_allow_is_not_made_up() -> None:
    fast = next(line for line in bench_text(RESULT).splitlines() if " fast " in line)
    assert fast.count("n too small") == 1
    assert "300.0 ms" in fast


def test_speeds_are_listed_fastest_first() -> None:
    text = bench_text(RESULT).partition("speed of zips")[2]
    assert text.index("fast") < text.index("slow")
    assert "9.00 MB/s" in text
