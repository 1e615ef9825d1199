from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec.structs import replace

from modmirror.lab.report.method import method
from modmirror.lab.report.performance import latency
from modmirror.lab.report.warming import HOW, warm_up
from modmirror.measure.warmup import WarmUp
from tests.fakes.lab_runs import rich_report

if TYPE_CHECKING:
    from modmirror.lab.results.bench import BenchResult

SLOW = {"delta": WarmUp(7, 2.5, 0.0004), "harbour": WarmUp(12, 1.31, 0.0021)}


def bench(blocks: int, slow: dict[str, WarmUp] | None) -> BenchResult:
    found = rich_report().bench
    assert found is not None
    return replace(found, blocks=blocks, warm_up=slow)


def test_what_was_left_out_is_told_with_its_reason() -> None:
    how, cut = warm_up(bench(100, SLOW))
    assert how == HOW
    assert cut.en.startswith("Left out as warm-up, for every mirror: the first 12 of 100 blocks.")
    assert "delta took 2.50× as long in its first 7 (p < 0.001); harbour took 1.31×" in cut.en
    assert cut.zh.startswith("作为预热对所有镜像略去：100 个区组中的前 12 个。delta 在最初 7 个区组中")
    assert "harbour 在最初 12 个区组中耗时为之后的 1.31×（p = 0.002）" in cut.zh


def test_that_there_was_none_is_told_too() -> None:
    _, none = warm_up(bench(100, {}))
    assert none.en.startswith("There was no warm-up")
    assert none.zh.startswith("没有预热")


def test_too_few_blocks_are_not_called_steady() -> None:
    _, few = warm_up(bench(20, {}))
    assert few.en.startswith("20 blocks are too few")
    assert few.zh.startswith("20 个区组太少")


def test_a_result_of_a_time_when_nobody_looked_claims_nothing() -> None:
    assert list(warm_up(bench(100, None))) == []


def test_the_method_and_the_times_say_so() -> None:
    report = replace(rich_report(), bench=bench(100, SLOW))
    assert HOW in [getattr(block, "text", None) for block in method(report).blocks]
    section = latency(report)
    assert section is not None
    said = getattr(section.blocks[0], "text", None)
    assert said is not None
    assert ", the first 12 left out as warm-up. Times" in said.en
    assert "，前 12 个作为预热略去。" in said.zh
