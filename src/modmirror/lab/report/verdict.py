"""The first thing to read: whether the run counts, which setting to use, who is best, how surely."""

from __future__ import annotations

from shlex import quote
from typing import TYPE_CHECKING, Literal

from modmirror.lab.analysis.wording import GATES
from modmirror.lab.report.document import Cell, Chart, Code, Note, Section, Table, number, word
from modmirror.lab.report.numbers import figures, percent
from modmirror.lab.report.phrases import Phrase, same

if TYPE_CHECKING:
    from collections.abc import Iterator

    from modmirror.lab.report.document import Block
    from modmirror.lab.report.facts import Report
    from modmirror.lab.results import Ranked, Ranking, Setting

DIMENSIONS = {
    "availability": Phrase("availability", "可用性"),
    "coverage": Phrase("coverage", "覆盖率"),
    "freshness": Phrase("freshness", "新鲜度"),
    "latency": Phrase("latency", "延迟"),
    "metadata": Phrase("metadata latency", "元数据延迟"),
    "speed": Phrase("speed", "速度"),
    "tail": Phrase("tail", "尾延迟"),
    "protocol": Phrase("protocol", "协议"),
}


def verdict(report: Report) -> Section:
    """Return the verdict with the setting to copy. A run that does not count says so before all else."""
    return Section("verdict", Phrase("Verdict", "结论"), tuple(_verdict(report)))


def alarms(report: Report) -> Iterator[Note]:
    """Yield why the numbers must not be trusted, loudest first; nothing for a good run."""
    if report.run.flags:
        yield Note(
            Phrase(
                "INVALID RUN: do not decide anything by these numbers. Mend the cause and measure again.",
                "本次测量无效：请勿据此做任何决定，排除原因后重新测量。",
            ),
            "bad",
        )
    for flag in report.run.flags:
        yield Note(same(f"{flag.name}: {flag.text}" if flag.text else flag.name), "bad")
    if report.run.state != "complete":
        yield Note(
            Phrase(
                f"INCOMPLETE RUN ({report.run.state}): it ended before all was measured. "
                "What is there is shown.",
                f"测量未完成（{report.run.state}）：仅显示已完成的部分。",
            ),
            "bad",
        )


def _verdict(report: Report) -> Iterator[Block]:
    yield from alarms(report)
    yield from _requirements(report)
    if report.ranking is None:
        yield Note(Phrase("Nothing was ranked in this run.", "本次测量没有排名。"))
    else:
        winner = report.ranking.winner is not None
        yield Note(winning(report.ranking), "good" if winner and report.trusted else "warn")
        yield from (Note(excluded(each), "bad") for each in report.ranking.targets if each.score is None)
    if report.setting is not None:
        out = (
            {each.target for each in report.ranking.targets if each.score is None}
            if report.ranking
            else set()
        )
        yield from _setting(report.setting, out)
    if report.run.remade:
        names = ", ".join(report.run.remade)
        yield Note(Phrase(f"Made from the raw samples: {names}.", f"由原始样本重新计算：{names}。"))


def _requirements(report: Report) -> Iterator[Note]:
    for each in report.requirements:
        if each.failures:
            yield from (Note(Phrase(f"Not met: {why}", f"未达到：{why}"), "bad") for why in each.failures)
        else:
            yield Note(Phrase(f"Met: {each.text}", f"达到：{each.text}"), "good")


def winning(ranking: Ranking) -> Phrase:
    """Return who is best in one sentence, or who is tied."""
    if ranking.winner is not None:
        best = next(each for each in ranking.targets if each.target == ranking.winner)
        chance = percent(best.chance[0]) if best.chance else "–"
        return Phrase(
            f"{ranking.winner} is best: probability {chance}.", f"{ranking.winner} 最佳：概率 {chance}。"
        )
    able = [each for each in ranking.targets if each.score is not None]
    if not able:
        return Phrase("No mirror passed the conditions.", "没有镜像满足必要条件。")
    # Names and not letters: a letter means nothing before the table.
    first = able[0].group
    names = [each.target for each in able if set(each.group) & set(first)] or [able[0].target]
    if len(names) == 1:
        return Phrase(
            f"{names[0]} is probably best, but that is not sure enough to name a winner.",
            f"{names[0]} 很可能最佳，但把握不足，不能宣布优胜者。",
        )
    tied = ", ".join(names)
    return Phrase(
        f"No clear winner: {tied} cannot be told apart with these samples.",
        f"没有明显的优胜者：现有样本无法区分 {tied}。",
    )


def excluded(ranked: Ranked) -> Phrase:
    """Return why a target is out, in one sentence."""
    failed = [gate for gate in ranked.gates if not gate.passed]
    why = "; ".join(gate.text or gate.name for gate in failed)
    chinese = "；".join(gate.zh or gate.text or GATES.get(gate.name, gate.name) for gate in failed)
    return Phrase(f"{ranked.target} is excluded: {why}", f"{ranked.target} 被排除：{chinese}")


def to_paste(setting: Setting) -> str:
    """Return the commands that make a setting. Quoted, since ``|`` means something to a shell."""
    values = {"GOPROXY": setting.goproxy, "GOSUMDB": setting.gosumdb, "GONOSUMDB": setting.gonosumdb}
    return "\n".join(f"go env -w {quote(f'{name}={value}')}" for name, value in values.items() if value)


def _setting(setting: Setting, said: set[str]) -> Iterator[Block]:
    """Yield a setting; ``said`` are the mirrors whose exclusion was told already."""
    if setting.goproxy:
        label = Phrase("The setting, to paste into a shell", "推荐设置，粘贴到终端")
        yield Code(to_paste(setting), label)
    for each in setting.warnings:
        if each.part not in said:
            about = f"{each.part}: " if each.part else ""
            yield Note(Phrase(f"{about}{each.en}", f"{about}{each.zh}"), "warn")
    if setting.reasons:
        rows = tuple((word(each.part), Cell(Phrase(each.en, each.zh))) for each in setting.reasons)
        columns = (Phrase("part", "部分"), Phrase("why", "原因"))
        yield Table(Phrase("Why the setting is as it is", "为何如此设置"), columns, rows)
    if setting.toml:
        label = Phrase(
            "For a modmirror of your own, in modmirror.toml", "用于自建 modmirror，写入 modmirror.toml"
        )
        yield Code(setting.toml, label)


def ranking(report: Report) -> Section | None:
    """Return the table of places, every score in its parts, and the picture whose weights can be moved."""
    if report.ranking is None:
        return None
    chart = Chart(
        "ranking",
        Phrase("What would change the ranking", "什么会改变排名"),
        Phrase(
            "Score by parts. Move a weight to see who gains. Excluded mirrors stay excluded.",
            "按维度分解的得分。调整权重可查看名次变化；被排除的镜像不会因此恢复。",
        ),
        _parts(report.ranking),
    )
    note = Note(
        Phrase(
            "Mirrors that share a letter are tied: the difference may be chance.",
            "字母相同的镜像并列：其差异可能只是偶然。",
        )
    )
    return Section(
        "ranking", Phrase("Ranking", "排名"), (_places(report), note, chart, _gates(report.ranking))
    )


def _places(report: Report) -> Table:
    assert report.ranking is not None  # noqa: S101  # its only caller has looked
    regions = {each.name: each.region for each in report.run.targets}
    count = len(report.ranking.targets)
    columns = (
        Phrase("mirror", "镜像"),
        Phrase("region", "区域"),
        Phrase("rank", "名次"),
        Phrase("group", "组"),
        Phrase("score", "得分"),
        *(same(f"P({place})") for place in range(1, count + 1)),
    )
    rows = tuple(
        (
            word(each.target),
            word(regions.get(each.target, "")),
            number(str(each.rank)) if each.score is not None else Cell(Phrase("out", "排除"), "bad"),
            word(each.group),
            number("–" if each.score is None else figures(each.score)),
            *(
                number(percent(each.chance[place]) if place < len(each.chance) else "–")
                for place in range(count)
            ),
        )
        for each in report.ranking.targets
    )
    return Table(Phrase("Places, and the probability of each", "名次及其概率"), columns, rows)


def _parts(found: Ranking) -> Table:
    names = tuple(found.weights)
    columns = (
        Phrase("mirror", "镜像"),
        *(
            Phrase(
                f"{DIMENSIONS.get(name, same(name)).en} × {found.weights[name]:.2f}",
                f"{DIMENSIONS.get(name, same(name)).zh} × {found.weights[name]:.2f}",
            )
            for name in names
        ),
    )
    rows = tuple(
        (
            word(each.target),
            *(number(figures(each.parts[name]) if name in each.parts else "–") for name in names),
        )
        for each in found.targets
    )
    return Table(
        Phrase("Each score in its parts (0 to 1), with the weight", "各维度得分（0 到 1）与权重"),
        columns,
        rows,
    )


def _gates(found: Ranking) -> Table:
    rows = tuple(
        (
            word(each.target),
            Cell(Phrase(gate.name, GATES.get(gate.name, gate.name))),
            Cell(
                Phrase("passed", "通过") if gate.passed else Phrase("FAILED", "未通过"),
                _level(passed=gate.passed),
            ),
            Cell(Phrase(gate.text, gate.zh or gate.text)),
        )
        for each in found.targets
        for gate in each.gates
    )
    columns = (
        Phrase("mirror", "镜像"),
        Phrase("condition", "条件"),
        Phrase("result", "结果"),
        Phrase("why", "原因"),
    )
    return Table(
        Phrase("Conditions without which nothing else counts", "必要条件"), columns, rows, folded=True
    )


def _level(*, passed: bool) -> Literal["good", "bad"]:
    return "good" if passed else "bad"
