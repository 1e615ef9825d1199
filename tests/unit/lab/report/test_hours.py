from __future__ import annotations

from msgspec.structs import replace

from modmirror.lab.analysis.hours import Hour, HoursResult
from modmirror.lab.report.document import Chart
from modmirror.lab.report.hours import hours
from tests.fakes.lab_runs import rich_report


def test_every_hour_has_a_column_and_failures_are_told() -> None:
    found = HoursResult(
        "+0800", "info/warm", ("08", "09"), {"m": {"08": Hour(9, 0, 0.02), "09": Hour(9, 2, 0.03)}, "n": {}}
    )
    section = hours(replace(rich_report(), hours=found))
    assert section is not None
    (chart,) = section.blocks
    assert isinstance(chart, Chart)
    assert "UTC+0800" in chart.about.en
    assert [column.en for column in chart.table.columns] == ["mirror", "08:00", "09:00"]
    assert [[cell.text.zh for cell in row] for row in chart.table.rows] == [
        ["m", "20.0 ms", "30.0 ms，失败 2/9"],
        ["n", "–", "–"],
    ]
    assert chart.table.rows[0][2].level == "warn"


def test_a_run_of_one_hour_has_no_section() -> None:
    assert hours(replace(rich_report(), hours=None)) is None
