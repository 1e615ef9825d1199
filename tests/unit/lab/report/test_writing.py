from __future__ import annotations

from modmirror.lab.report.document import Chart, Table
from modmirror.lab.report.facts import Report
from modmirror.lab.report.writing import write_document
from tests.fakes.lab_runs import rich_report


def test_the_verdict_comes_first_and_the_method_last() -> None:
    keys = [section.key for section in write_document(rich_report()).sections]
    assert keys == [
        "verdict", "ranking", "differences", "probe", "latency", "hours", "coverage", "freshness",
        "protocol", "load",
        "cache",
        "faults", "replay", "links", "method",
    ]  # fmt: skip


def test_a_run_of_one_measurement_has_only_its_sections() -> None:
    rich = rich_report()
    keys = [each.key for each in write_document(Report(run=rich.run, bench=rich.bench)).sections]
    assert keys == ["verdict", "latency", "method"]


def test_no_table_is_empty() -> None:
    rich = rich_report()
    for section in write_document(Report(run=rich.run, bench=rich.bench, coverage=rich.coverage)).sections:
        for block in section.blocks:
            table = block.table if isinstance(block, Chart) else block
            assert not isinstance(table, Table) or table.rows


def test_every_row_has_a_cell_for_every_column() -> None:
    for section in write_document(rich_report()).sections:
        for block in section.blocks:
            table = block.table if isinstance(block, Chart) else block
            if isinstance(table, Table):
                assert {len(row) for row in table.rows} == {len(table.columns)}, table.caption.en
