"""What mirrors do when things go wrong, and what their caches save; the links that a rehearsal emulated."""

from __future__ import annotations

from statistics import median
from typing import TYPE_CHECKING

from modmirror.lab.report.document import Cell, Chart, Note, Section, Table, number, word
from modmirror.lab.report.numbers import estimate, figures, optional, seconds, share, times
from modmirror.lab.report.phrases import Phrase, same
from modmirror.lab.report.sayings import in_chinese, said
from modmirror.lab.report.scenarios import title_of

if TYPE_CHECKING:
    from collections.abc import Iterable

    from modmirror.lab.report.document import Block
    from modmirror.lab.report.facts import Report
    from modmirror.lab.results.cache import CacheResult
    from modmirror.lab.results.faults import FaultResult, FaultRun

TEMPERATURES = {"hot": Phrase("hot", "热"), "warm": Phrase("warm", "温"), "cold": Phrase("cold", "冷")}
_MIRROR = Phrase("mirror", "镜像")
_YES, _NO = Phrase("yes", "符合"), Phrase("no", "不符合")


def cache(report: Report) -> Section | None:
    """Return hot against cold, and which resources are hot."""
    found = report.cache
    if found is None:
        return None
    blocks: tuple[Block, ...] = (_caches(found), _hot(found)) if found.hot else (_caches(found),)
    return Section("cache", Phrase("Cache", "缓存"), blocks)


def _caches(found: CacheResult) -> Table:
    columns = (
        _MIRROR,
        Phrase("cold wait", "冷等待"),
        Phrase("warm wait", "热等待"),
        Phrase("cold by warm", "冷热比"),
        Phrase("upstream fetches at once", "并发上游请求"),
        *(Phrase(f"hits, {name.en}", f"命中率（{name.zh}）") for name in TEMPERATURES.values()),
        Phrase("a hit saves", "每次命中节省"),
    )
    rows = tuple(
        (
            word(target),
            number(estimate(each.cold, seconds)),
            number(estimate(each.warm, seconds)),
            number(estimate(each.ratio, times)),
            number(optional(each.coalescing, figures)),
            *(number(share(each.hits[name]) if name in each.hits else "–") for name in TEMPERATURES),
            number(optional(each.saved_seconds, seconds)),
        )
        for target, each in found.targets.items()
    )
    return Table(Phrase("What a cache does", "缓存效果"), columns, rows)


def _hot(found: CacheResult) -> Table:
    rows = tuple(
        (word(each.path), number(str(each.count)), number(f"≤ {each.error}")) for each in found.hot
    )
    columns = (Phrase("resource", "资源"), Phrase("count", "次数"), Phrase("error", "误差"))
    return Table(Phrase("Asked for most", "最常请求"), columns, rows)


def faults(report: Report) -> Section | None:
    """Return every scenario: how soon it was noticed, how long nothing worked, how soon all was well."""
    if not report.faults:
        return None
    chart = Chart(
        "faults",
        Phrase("Timelines", "故障时间线"),
        Phrase(
            "One mark a request; the band is the fault. Crosses failed, hollow marks were stale.",
            "每个标记为一次请求；色带为故障期间。叉号为失败，空心为陈旧数据。",
        ),
        _scenarios(report.faults),
    )
    skipped = (
        Note(Phrase(f"{name} was not played: {why}", f"未执行 {name}：{in_chinese(why)}"), "warn")
        for found in report.faults
        for name, why in found.skipped.items()
    )
    return Section("faults", Phrase("Faults", "故障"), (*skipped, chart))


def _scenarios(found: Iterable[FaultResult]) -> Table:
    columns = (
        _MIRROR,
        Phrase("scenario", "场景"),
        Phrase("what happens", "故障内容"),
        Phrase("repeats", "重复"),
        Phrase("noticed after", "发现耗时"),
        Phrase("longest gap", "最长中断"),
        Phrase("stale answers", "陈旧应答"),
        Phrase("recovered after", "恢复耗时"),
        Phrase("overshoot", "多余请求"),
        Phrase("back-off", "退避"),
        Phrase("wrong bytes", "错误内容"),
    )
    rows = tuple(
        _scenario(each.target, name, runs)
        for each in found
        for name, runs in each.scenarios.items()
        if runs
    )
    return Table(
        Phrase("Scenarios: medians, and the range over repeats", "各场景：中位数与范围"), columns, rows
    )


def _scenario(target: str, name: str, runs: tuple[FaultRun, ...]) -> tuple[Cell, ...]:
    detect = [run.detect for run in runs if run.detect is not None]
    recover = [run.recover for run in runs if run.recover is not None]
    verdicts = {run.backoff for run in runs}
    wrong = sum(run.wrong for run in runs)
    return (
        word(target),
        word(name),
        Cell(title_of(name, runs[0])),
        number(str(len(runs))),
        number(_spread(detect)),
        number(_spread([run.gap for run in runs])),
        number(str(sum(run.stale for run in runs))),
        number(_spread(recover)),
        number(str(sum(run.overshoot for run in runs))),
        Cell(_NO if "no" in verdicts else _YES if verdicts == {"yes"} else same("–")),
        number(str(wrong), "bad" if wrong else "plain"),
    )


def _spread(values: list[float]) -> str:
    """Return the median, with the least and the greatest where they differ."""
    if not values:
        return "–"
    least, most = seconds(min(values)), seconds(max(values))
    shown = seconds(median(values))
    return shown if least == most else f"{shown} [{least}, {most}]"


def links(report: Report) -> Section | None:
    """Return what the self-test of emulated links measured, against what was asked for."""
    if not report.links:
        return None
    columns = (
        Phrase("region", "区域"),
        Phrase("backend", "方式"),
        Phrase("quantity", "参数"),
        Phrase("asked", "设定"),
        Phrase("measured", "实测"),
        Phrase("result", "结果"),
    )
    rows = tuple(
        (
            word(link.region),
            word(link.backend),
            word(name),
            number(figures(asked)),
            number(optional(link.measured.get(name), figures)),
            Cell(same("✓") if link.good else same("✗"), "good" if link.good else "bad", said(link.note)),
        )
        for link in report.links
        for name, asked in link.asked.items()
    )
    table = Table(Phrase("Self-test before the run", "测量前自检"), columns, rows)
    return Section("links", Phrase("Emulated links", "模拟链路"), (table,))
