"""How the numbers were made, where, and how they differ from those of an earlier run."""

from __future__ import annotations

from typing import TYPE_CHECKING

from modmirror.lab.analysis import changes
from modmirror.lab.analysis import differences as moved
from modmirror.lab.report.document import Cell, Note, Section, Table, number, without_blanks, word
from modmirror.lab.report.facts import OWN_SHARE
from modmirror.lab.report.features import title_of
from modmirror.lab.report.numbers import chance, optional, percent, seconds, size, speed
from modmirror.lab.report.phrases import REGION, Phrase, same
from modmirror.lab.report.sayings import STATES, said
from modmirror.lab.report.warming import warm_up

if TYPE_CHECKING:
    from collections.abc import Iterator

    from modmirror.lab.report.facts import Report
    from modmirror.lab.results.differences import Difference

COUNTED = (
    Phrase(
        "Times count from the intended start, so that waiting is not left out. "
        "Failures are counted, never dropped.",
        "时间自计划起点计算，不遗漏等待；失败计入统计，绝不丢弃。",
    ),
    Phrase(
        "Intervals are 95 %: order statistics for quantiles and speeds, Wilson for shares, Hodges-Lehmann "
        "for ratios, bootstrap for scores. A quantile that the number of samples does not allow is not "
        "shown.",
        "区间均为 95 %：分位数与速度用次序统计量，比例用 Wilson，比值用 Hodges-Lehmann，得分用自助法；"
        "样本不足的分位数不予显示。",
    ),
)
"""Of every run."""
PAIRED = (
    Phrase(
        "Order: randomised complete blocks; each block asks every mirror once, in random order, one "
        "request at a time, so that neither drift nor the mirrors disturb the comparison.",
        "顺序：随机完全区组；每个区组内以随机顺序逐一请求每个镜像，避免漂移与相互干扰。",
    ),
    Phrase(
        "Pairs are compared block by block, corrected by Holm; a winner is named only when it is best "
        "with a probability above 90 %.",
        "成对比较按区组进行并作 Holm 校正；仅当最佳概率高于 90 % 时才宣布优胜者。",
    ),
)
"""Of runs that compare mirrors with each other."""

_KINDS = {
    changes.COVERAGE: "覆盖率",
    changes.WRONG: "错误文件",
    changes.LAG: "新版本延迟",
    changes.PROTOCOL: "协议",
    moved.SPEED: "下载速度",
    moved.FAILURES: "失败率",
}
_MACHINE = {
    "kernel": "内核",
    "machine": "架构",
    "cores": "处理器核数",
    "engine": "客户端",
    "congestion": "拥塞控制",
    "timezone": "时区",
    OWN_SHARE: "客户端自身的开销",
}
"""What is known of the machine, in Chinese."""
_VERDICTS = {1.0: Phrase("yes", "支持"), 0.5: Phrase("partly", "部分支持"), 0.0: Phrase("no", "不支持")}


def differences(report: Report) -> Section | None:
    """Return what changed since an earlier run, beyond chance."""
    if not report.differences:
        return None
    return Section(
        "differences", Phrase("Since the run before", "与上次相比"), (changed(report.differences),)
    )


def changed(found: tuple[Difference, ...]) -> Table:
    """Return differences as a table."""
    columns = (
        Phrase("mirror", "镜像"),
        Phrase("what", "项目"),
        Phrase("before", "之前"),
        Phrase("after", "现在"),
        same("p"),
        Phrase("result", "结果"),
    )
    rows = tuple(
        (
            word(each.target),
            Cell(_named(each.what)),
            number(_shown(each.what, each.before)),
            number(_shown(each.what, each.after)),
            number(optional(each.p, chance)),
            Cell(Phrase("worse", "变差"), "bad") if each.worse else Cell(Phrase("better", "变好"), "good"),
        )
        for each in found
    )
    return Table(Phrase("Changes beyond chance", "超出偶然的变化"), columns, rows)


def _named(what: str) -> Phrase:
    kind, colon, of = what.partition(": ")
    return Phrase(what, f"{_KINDS.get(kind, kind)}{colon}{title_of(of).zh}")


def _shown(what: str, value: float) -> Phrase:
    """Return a number in the unit of what it is of."""
    match what.partition(": ")[0]:
        case changes.PROTOCOL:
            return _VERDICTS[value]
        case changes.COVERAGE | moved.FAILURES:
            return same(percent(value))
        case changes.WRONG:
            return same(f"{value:.0f}")
        case moved.SPEED:
            return same(speed(value))
        case _:
            return same(seconds(value))


def method(report: Report) -> Section:
    """Return how it was measured, what was asked of whom, and on which machine."""
    return Section(
        "method",
        Phrase("Method and environment", "方法与环境"),
        (
            *map(Note, _how(report)),
            _targets(report),
            _run(report),
            _environment(report),
        ),
    )


def _how(report: Report) -> Iterator[Phrase]:
    if report.bench is not None:
        yield from PAIRED
        yield from warm_up(report.bench)
    yield from COUNTED


def _targets(report: Report) -> Table:
    columns = (
        Phrase("mirror", "镜像"),
        same("URL"),
        REGION,
        Phrase("operator", "运营方"),
    )
    rows = tuple(
        (word(each.name), word(each.url), word(each.region), word(each.operator))
        for each in report.run.targets
    )
    return without_blanks(Table(Phrase("What was measured", "测量对象"), columns, rows))


def _run(report: Report) -> Table:
    run = report.run
    facts: tuple[tuple[Phrase, str | Phrase], ...] = (
        (Phrase("command", "命令"), run.command),
        (Phrase("version", "版本"), run.version),
        (Phrase("state", "状态"), Phrase(run.state, STATES[run.state].zh)),
        (Phrase("from", "开始"), run.started),
        (Phrase("until", "结束"), run.ended),
        (Phrase("measured from", "测量地点"), run.region),
        (Phrase("seed", "随机种子"), str(run.seed)),
        (Phrase("corpus", "语料摘要"), run.corpus),
        (Phrase("requests", "请求数"), str(run.requests or "")),
        (Phrase("failed requests", "失败请求数"), str(run.failed) if run.requests else ""),
        (Phrase("received", "接收"), size(run.received) if run.requests else ""),
        *((Phrase("note", "说明"), said(note)) for note in run.notes),
    )
    rows = tuple(
        (Cell(name), Cell(same(text) if isinstance(text, str) else text)) for name, text in facts if text
    )
    return Table(Phrase("The run", "本次测量"), (Phrase("fact", "项目"), Phrase("value", "值")), rows)


def _environment(report: Report) -> Table:
    rows = tuple(
        (Cell(Phrase(name, _MACHINE.get(name, name))), word(text))
        for name, text in report.run.environment.items()
    )
    return Table(
        Phrase("The machine that measured", "测量所用机器"),
        (Phrase("fact", "项目"), Phrase("value", "值")),
        rows,
    )
