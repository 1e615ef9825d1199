"""Whether a bench had a warm-up, which blocks it cost, and how that was found (lab.md 2.4)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from modmirror.lab.analysis.warming import left_out
from modmirror.lab.report.numbers import chance, percent, times
from modmirror.lab.report.phrases import Phrase
from modmirror.measure.warmup import ALPHA, MOST, room_for

if TYPE_CHECKING:
    from collections.abc import Iterator

    from modmirror.lab.results.bench import BenchResult

HOW = Phrase(
    "A warm connection has carried two throw-away requests at least; a zip that is timed was fetched once "
    "before. What is slow beyond that is found as a change point: ranks of the first blocks against all "
    f"later ones, at most {percent(MOST)} of the blocks, by chance in at most {percent(ALPHA)} of steady "
    "runs whose blocks are independent. A drift, or a slowness that comes again, is no warm-up.",
    "热连接至少已完成两次不计入的请求；计时的 zip 事先已下载过一次。此外仍然偏慢的开头以变点判定："
    f"将最初的区组与其后所有区组作秩比较，至多占区组的 {percent(MOST)}，区组相互独立的平稳测量中误判率"
    f"至多 {percent(ALPHA)}。漂移或反复出现的变慢不算预热。",
)


def warm_up(found: BenchResult) -> Iterator[Phrase]:
    """Yield what was left out of a bench and why, or that nothing was; nothing where nobody looked."""
    if found.warm_up is None:
        return
    yield HOW
    if not found.warm_up:
        yield _none(found.blocks)
        return
    slow = found.warm_up.items()
    english = "; ".join(
        f"{name} took {times(each.ratio)} as long in its first {each.count} (p {_shown(each.p)})"
        for name, each in slow
    )
    chinese = "；".join(
        f"{name} 在最初 {each.count} 个区组中耗时为之后的 {times(each.ratio)}（p {_shown(each.p)}）"
        for name, each in slow
    )
    cut = left_out(found.warm_up)
    yield Phrase(
        f"Left out as warm-up, for every mirror: the first {cut} of {found.blocks} blocks. {english}. "
        "Their samples are kept, and what failed in them is counted.",
        f"作为预热对所有镜像略去：{found.blocks} 个区组中的前 {cut} 个。{chinese}。"
        "其样本仍保留，其中的失败照常计入。",
    )


def _none(blocks: int) -> Phrase:
    if not room_for(blocks):
        return Phrase(
            f"{blocks} blocks are too few to find a warm-up in: none was left out.",
            f"{blocks} 个区组太少，无法判定预热：未略去任何区组。",
        )
    return Phrase(
        "There was no warm-up: no mirror was slower in its first blocks than later, no block was left out.",
        "没有预热：没有镜像在最初的区组中比之后更慢，未略去任何区组。",
    )


def _shown(p: float) -> str:
    shown = chance(p)
    return shown if shown.startswith("<") else f"= {shown}"
