"""When of the day mirrors are slow."""

from __future__ import annotations

from typing import TYPE_CHECKING

from modmirror.lab.report.document import Chart, Section, Table, number, word
from modmirror.lab.report.numbers import optional, seconds
from modmirror.lab.report.phrases import Phrase, same

if TYPE_CHECKING:
    from modmirror.lab.analysis.hours import Hour
    from modmirror.lab.report.document import Cell
    from modmirror.lab.report.facts import Report


def hours(report: Report) -> Section | None:
    """Return medians by hour; a run that touched one hour only has none."""
    found = report.hours
    if found is None:
        return None
    rows = tuple(
        (word(target), *(_cell(each.get(hour)) for hour in found.hours))
        for target, each in found.targets.items()
    )
    columns = (Phrase("mirror", "镜像"), *(same(f"{hour}:00") for hour in found.hours))
    caption = Phrase(f"Median of {found.case} by hour", f"{found.case} 每小时中位数")
    chart = Chart(
        "hours",
        Phrase("When it is slow", "何时较慢"),
        Phrase(
            f"Median time by hour of the day (UTC{found.zone}), in ms; darker is nearer to the best of the "
            "mirror.",
            f"一天中各小时的中位耗时（UTC{found.zone}），单位毫秒；颜色越深越接近该镜像的最佳时段。",
        ),
        Table(caption, columns, rows),
    )
    return Section("hours", Phrase("Hours of the day", "一天中的时段"), (chart,))


def _cell(hour: Hour | None) -> Cell:
    if hour is None:
        return number("–")
    shown = optional(hour.median, seconds)
    if not hour.failed:
        return number(shown)
    lost = f"{hour.failed}/{hour.n}"
    return number(Phrase(f"{shown.en}, {lost} failed", f"{shown.zh}，失败 {lost}"), "warn")
