"""How fast mirrors are: latency by case and phase, speed, load, and what a whole build costs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from modmirror.lab.analysis.warming import left_out
from modmirror.lab.report.document import Cell, Chart, Note, Section, Table, number, word
from modmirror.lab.report.numbers import (
    chance,
    estimate,
    optional,
    percent,
    rate,
    seconds,
    size,
    speed,
    times,
)
from modmirror.lab.report.phrases import Phrase, same
from modmirror.lab.report.sayings import in_chinese, said

if TYPE_CHECKING:
    from modmirror.lab.report.document import Block
    from modmirror.lab.report.facts import Report
    from modmirror.lab.results.bench import BenchResult
    from modmirror.lab.results.load import LoadResult, LoadStep
    from modmirror.lab.results.probe import ProbeResult
    from modmirror.lab.results.replay import ReplayResult

PHASES = {
    "dns": Phrase("DNS", "DNS"),
    "connect": Phrase("connect", "连接"),
    "tls": Phrase("TLS", "TLS"),
    "send": Phrase("send", "发送"),
    "wait": Phrase("wait", "等待"),
    "receive": Phrase("receive", "接收"),
}
_MIRROR = Phrase("mirror", "镜像")
_CASE = Phrase("case", "用例")


def probe(report: Report) -> Section | None:
    """Return a first look at each mirror: where the time goes, and what betrays a cache."""
    found = report.probe
    if found is None:
        return None
    columns = (_MIRROR, Phrase("connection", "连接方式"), Phrase("median", "中位数"), *PHASES.values())
    sides = (("cold", Phrase("cold", "冷")), ("warm", Phrase("warm", "热")))
    rows = tuple(
        (
            word(target, "plain" if not each.reason else "bad", said(each.reason)),
            Cell(name),
            number(optional(getattr(each, side).total, seconds)),
            *(number(optional(getattr(each, side).phases.get(phase), seconds)) for phase in PHASES),
        )
        for target, each in found.targets.items()
        for side, name in sides
    )
    phases = Table(Phrase("Medians of a few requests", "少量请求的中位数"), columns, rows)
    return Section("probe", Phrase("A first look", "初步探测"), (phases, _facts(found)))


def _facts(found: ProbeResult) -> Table:
    columns = (
        _MIRROR,
        Phrase("address", "地址"),
        Phrase("answer", "应答"),
        same("HTTP"),
        same("TLS"),
        Phrase("cache headers", "缓存响应头"),
    )
    rows = tuple(
        (
            word(target),
            word(each.address),
            Cell(said(each.reason or str(each.status)), "bad" if each.reason else "plain"),
            word(each.http),
            word(each.tls),
            word("; ".join(f"{name}: {value}" for name, value in each.headers.items())),
        )
        for target, each in found.targets.items()
    )
    return Table(Phrase("What answered", "应答方"), columns, rows)


def latency(report: Report) -> Section | None:
    """Return times by case with who is tied, ratios with intervals, distributions and phases."""
    found = report.bench
    if found is None:
        return None
    blocks: tuple[Block, ...] = (
        _blocks(found),
        _forest(found),
        _ecdf(found),
        _phases(found),
        _speeds(report),
    )
    return Section("latency", Phrase("Latency and speed", "延迟与速度"), blocks)


def _blocks(found: BenchResult) -> Note:
    why_en = f" ({found.stopped})" if found.stopped else ""
    why_zh = f"（{found.stopped_zh or in_chinese(found.stopped)}）" if found.stopped else ""
    cut = left_out(found.warm_up or {})
    cut_en = f", the first {cut} left out as warm-up" if cut else ""
    cut_zh = f"，前 {cut} 个作为预热略去" if cut else ""
    return Note(
        Phrase(
            f"{found.blocks} randomised complete blocks{why_en}{cut_en}. Times from the intended start; "
            "warm reuses a connection, cold opens one anew.",
            f"{found.blocks} 个随机完全区组{why_zh}{cut_zh}。"
            "时间自计划起点计算；热=复用连接，冷=新建连接。",
        )
    )


def _forest(found: BenchResult) -> Chart:
    columns = (
        _CASE,
        Phrase("mirror", "镜像"),
        Phrase("against", "对比"),
        Phrase("time ratio", "时间比"),
        Phrase("p (Holm)", "p（Holm）"),
        Phrase("result", "结果"),
    )
    rows = tuple(
        (
            word(each.case),
            word(each.first),
            word(each.second),
            number(estimate(each.ratio, times)),
            number(chance(each.p)),
            Cell(Phrase("tie", "并列") if each.tie else Phrase("differ", "有差异")),
        )
        for each in found.comparisons
    )
    return Chart(
        "forest",
        Phrase("Who is faster, and by how much", "谁更快，快多少"),
        Phrase(
            "Time against the best mirror with 95 % intervals; left of 1 is faster, touching 1 is a tie.",
            "相对最佳镜像的时间比与 95 % 区间；小于 1 更快，跨过 1 为并列。",
        ),
        Table(Phrase("Pairs, compared block by block", "按区组成对比较"), columns, rows),
    )


def _ecdf(found: BenchResult) -> Chart:
    columns = (
        _CASE,
        _MIRROR,
        Phrase("group", "组"),
        Phrase("mean", "均值"),
        Phrase("median", "中位数"),
        same("P95"),
        same("P99"),
        Phrase("jitter", "抖动"),
        Phrase("failed", "失败"),
    )
    rows = tuple(
        (
            word(case),
            word(target),
            word(found.groups.get(case, {}).get(target, "")),
            number(optional(times_.mean, seconds)),
            number(estimate(times_.median, seconds)),
            number(estimate(times_.p95, seconds)),
            number(estimate(times_.p99, seconds)),
            number(optional(times_.jitter, percent)),
            number(f"{times_.failed}/{times_.tried}", "bad" if times_.failed else "plain"),
        )
        for case in found.cases
        for target, cases in found.targets.items()
        if (times_ := cases.get(case)) is not None
    )
    return Chart(
        "ecdf",
        Phrase("All times, fastest to slowest", "全部耗时分布"),
        Phrase(
            "Share of requests that took at most so long (logarithmic); marks at P50, P95 and P99.",
            "在该时间内完成的请求比例（对数轴）；标记为 P50、P95、P99。",
        ),
        Table(Phrase("Times by case", "各用例耗时"), columns, rows),
    )


def _phases(found: BenchResult) -> Chart:
    columns = (_CASE, _MIRROR, *PHASES.values())
    rows = tuple(
        (
            word(case),
            word(target),
            *(number(optional(cases[case].phases.get(phase), seconds)) for phase in PHASES),
        )
        for case in found.cases
        for target, cases in found.targets.items()
        if case in cases and cases[case].phases
    )
    return Chart(
        "phases",
        Phrase("Where the time goes", "时间花在哪里"),
        Phrase("Median seconds of each phase, cold and warm.", "各阶段耗时中位数，冷与热分开。"),
        Table(Phrase("Phases", "阶段"), columns, rows),
    )


def _speeds(report: Report) -> Chart:
    assert report.bench is not None  # noqa: S101  # its only caller has looked
    columns = (
        _MIRROR,
        Phrase("while receiving", "接收阶段"),
        Phrase("whole request", "整个请求"),
        Phrase("jitter between", "下载间抖动"),
        Phrase("jitter within", "下载内抖动"),
        Phrase("downloads", "下载数"),
    )
    rows = tuple(
        (
            word(target),
            number(estimate(each.receive, speed)),
            number(estimate(each.whole, speed)),
            number(optional(each.jitter_between, percent)),
            number(optional(each.jitter_within, percent)),
            number(str(each.receive.n)),
        )
        for target, each in report.bench.speeds.items()
    )
    return Chart(
        "speed",
        Phrase("Speed of downloads", "下载速度"),
        Phrase(
            "One mark a download of 1 MB or more; the line is the median.",
            "每个标记为一次 ≥ 1 MB 的下载；竖线为中位数。",
        ),
        Table(Phrase("Speed", "速度"), columns, rows),
    )


def load(report: Report) -> Section | None:
    """Return the sweep to the knee of every server that was loaded."""
    if not report.load:
        return None
    chart = Chart(
        "load",
        Phrase("Where the knee is", "负载拐点"),
        Phrase(
            "Response times from the intended start against the rate; the dashed line is the knee.",
            "自计划起点计算的响应时间与请求速率；虚线为拐点。",
        ),
        _steps(report.load),
    )
    return Section("load", Phrase("Load", "负载"), (*(_knee(each) for each in report.load), chart))


def _knee(found: LoadResult) -> Note:
    knee = "–" if found.knee is None else rate(found.knee)
    capacity = "–" if found.closed_capacity is None else rate(found.closed_capacity)
    return Note(
        Phrase(
            f"{found.target}: knee at {knee} ({found.reason}); closed-loop capacity {capacity} "
            "(closed: latency not comparable).",
            f"{found.target}：拐点 {knee}（{_ended(found)}）；闭环容量 {capacity}（闭环延迟不可比较）。",
        )
    )


def _ended(found: LoadResult) -> str:
    """Return in Chinese what ended a sweep: the first step that did not hold, in numbers."""
    beyond = [each for each in found.steps if each.failed and each.offered > (found.knee or 0.0)]
    if not beyond:
        return "所试的最高速率仍可承受"
    first = min(beyond, key=lambda each: each.offered)
    slowest = optional(first.response.get("p99") or first.response.get("max"), seconds).zh
    return (
        f"{rate(first.offered)} 时未达标：错误 {sum(first.errors.values())}，丢弃 {first.dropped}，"
        f"完成 {percent(first.achieved / first.offered)}，P99 {slowest}"
    )


def _steps(found: tuple[LoadResult, ...]) -> Table:
    columns = (
        _MIRROR,
        Phrase("offered", "计划"),
        Phrase("achieved", "实际"),
        *(same(name) for name in ("P50", "P95", "P99", "P99.9")),
        Phrase("service P99", "服务 P99"),
        Phrase("errors", "错误"),
        Phrase("dropped", "丢弃"),
        Phrase("server CPU", "服务器 CPU"),
        Phrase("server memory", "服务器内存"),
        Phrase("server GC pauses", "服务器 GC 停顿"),
    )
    rows = tuple(
        (
            word(each.target),
            number(rate(step.offered)),
            number(rate(step.achieved)),
            *(number(optional(step.response.get(key), seconds)) for key in ("p50", "p95", "p99", "p999")),
            number(optional(step.service.get("p99"), seconds)),
            number(", ".join(f"{name} {count}" for name, count in step.errors.items()) or "0"),
            number(str(step.dropped)),
            number(optional(step.server_cpu, percent)),
            number(optional(step.server_rss, size)),
            number(_pauses(step)),
        )
        for each in found
        for step in each.steps
    )
    return Table(Phrase("Steps of the sweep", "各级负载"), columns, rows)


def _pauses(step: LoadStep) -> Phrase:
    """Return how often the server's garbage collector ran, and for how long each time."""
    count, total = step.server_gc_count, step.server_gc_seconds
    if not count or total is None:
        return optional(count, str)
    return same(f"{count} × {seconds(total / count)}")


def replay(report: Report) -> Section | None:
    """Return what a whole build costs from each mirror."""
    found = report.replay
    if found is None:
        return None
    return Section("replay", Phrase("A whole build", "完整构建"), (_builds(found),))


def _builds(found: ReplayResult) -> Table:
    columns = (
        _MIRROR,
        Phrase("time", "耗时"),
        Phrase("with the go command", "使用 go 命令"),
        Phrase("requests", "请求数"),
        Phrase("bytes", "字节"),
        Phrase("failed", "失败"),
    )
    rows = tuple(
        (
            word(target),
            number(estimate(each.seconds, seconds)),
            number("–" if each.go_seconds is None else estimate(each.go_seconds, seconds)),
            number(str(each.requests)),
            number(size(each.size)),
            number(str(each.failed), "bad" if each.failed else "plain"),
        )
        for target, each in found.targets.items()
    )
    caption = Phrase(f"Cost of {found.build}", f"{found.build} 的成本")
    return Table(caption, columns, rows)
