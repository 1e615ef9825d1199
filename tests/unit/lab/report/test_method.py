from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec.structs import replace

from modmirror.lab.report.document import Note, Table
from modmirror.lab.report.method import changed, differences, method
from modmirror.lab.results.differences import Difference
from tests.fakes.lab_mirrors import SLOW, TARGETS
from tests.fakes.lab_runs import rich_report

if TYPE_CHECKING:
    from modmirror.lab.report.facts import TargetFacts


def tables() -> list[Table]:
    return [block for block in method(rich_report()).blocks if isinstance(block, Table)]


def test_everything_that_was_measured_is_listed_with_its_address() -> None:
    assert [row[1].text.en for row in tables()[0].rows] == [target.url for target in TARGETS]


def test_what_nobody_knows_of_any_mirror_is_no_column() -> None:
    report = rich_report()
    bare = tuple(replace(each, region="", operator="") for each in report.run.targets)
    half = (replace(bare[0], region="cn-east"), *bare[1:])

    def columns(targets: tuple[TargetFacts, ...]) -> list[str]:
        blocks = method(replace(report, run=replace(report.run, targets=targets))).blocks
        return [column.en for column in next(each for each in blocks if isinstance(each, Table)).columns]

    assert columns(bare) == ["mirror", "URL"]
    assert columns(half) == ["mirror", "URL", "its region"]
    assert columns(report.run.targets) == ["mirror", "URL", "its region", "operator"]


def test_a_reader_can_repeat_the_run() -> None:
    facts = {row[0].text.en: row[1].text.en for row in tables()[1].rows}
    assert facts["seed"] == "7"
    assert facts["corpus"].startswith("sha256:")
    assert facts["command"] == "modmirror lab study harbour.toml --seed 7"


def test_a_run_without_a_bench_claims_no_blocks_and_no_requests() -> None:
    report = rich_report()
    blocks = method(replace(report, bench=None, run=replace(report.run, requests=0))).blocks
    assert not [block for block in blocks if isinstance(block, Note) and "blocks" in block.text.en]
    table = [block for block in blocks if isinstance(block, Table)][1]
    assert not {"requests", "failed requests", "received"} & {row[0].text.en for row in table.rows}


def test_a_bench_says_in_which_order_it_asked() -> None:
    first = method(rich_report()).blocks[0]
    assert isinstance(first, Note)
    assert first.text.en.startswith("Order: randomised complete blocks")


def test_facts_that_nobody_knows_are_left_out() -> None:
    report = rich_report()
    blocks = method(replace(report, run=replace(report.run, corpus="", region=""))).blocks
    table = [block for block in blocks if isinstance(block, Table)][1]
    assert not {"corpus", "measured from"} & {row[0].text.en for row in table.rows}


def test_the_machine_that_measured_is_described() -> None:
    assert {row[0].text.en for row in tables()[2].rows} >= {"kernel", "cores", "congestion control"}


def test_what_became_worse_since_the_run_before_is_red() -> None:
    section = differences(rich_report())
    assert section is not None
    table = section.blocks[0]
    assert isinstance(table, Table)
    first = table.rows[0]
    assert (first[0].text.en, first[-1].text.en, first[-1].level) == (SLOW, "worse", "bad")


def test_without_a_run_before_there_are_no_differences() -> None:
    assert differences(replace(rich_report(), differences=())) is None


def test_a_difference_is_shown_in_the_unit_of_what_it_is_of() -> None:
    def row(what: str, before: float, after: float, p: float | None = None) -> list[str]:
        cells = changed((Difference("m", what, before, after, p, worse=True),)).rows[0]
        return [cells[1].text.zh, *(cell.text.en for cell in cells[2:5])]

    assert row("info/warm", 0.01, 0.02, 0.0001) == ["info/warm", "10.0 ms", "20.0 ms", "< 0.001"]
    assert row("speed", 2e6, 1e6, 0.001) == ["下载速度", "2.00 MB/s", "1.00 MB/s", "0.001"]
    assert row("failures", 0.01, 0.02, 0.001) == ["失败率", "1 %", "2 %", "0.001"]
    assert row("coverage: popular", 1, 0.5, 0.001) == ["覆盖率: popular", "100 %", "50 %", "0.001"]
    assert row("lag: list", 60, 900, 0.001) == ["新版本延迟: list", "60.0 s", "15.0 min", "0.001"]
    assert row("wrong files", 0, 2) == ["错误文件", "0", "2", "–"]
    assert row("protocol: Range", 1, 0) == ["协议: Range", "yes", "no", "–"]
