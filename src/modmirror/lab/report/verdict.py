"""The first thing to read: whether the run counts, which setting to use, who is best, how surely."""

from __future__ import annotations

from shlex import quote
from typing import TYPE_CHECKING

from modmirror.lab.analysis.wording import GATES
from modmirror.lab.report.document import Cell, Code, Note, Section, Table, word
from modmirror.lab.report.numbers import percent
from modmirror.lab.report.phrases import Phrase
from modmirror.lab.report.sayings import FLAGS, STATES, in_chinese

if TYPE_CHECKING:
    from collections.abc import Iterator

    from modmirror.lab.report.document import Block
    from modmirror.lab.report.facts import Report
    from modmirror.lab.results.ranking import Ranked, Ranking
    from modmirror.lab.results.setting import Setting


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
        name = FLAGS.get(flag.name, flag.name)
        yield Note(
            Phrase(
                f"{flag.name}: {flag.text}" if flag.text else flag.name,
                f"{name}：{in_chinese(flag.text)}" if flag.text else name,
            ),
            "bad",
        )
    if report.run.state != "complete":
        state = STATES[report.run.state]
        yield Note(
            Phrase(
                f"INCOMPLETE RUN ({state.en}): not all was measured. What is there is shown.",
                f"测量未完成（{state.zh}）：仅显示已完成的部分。",
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
            chinese = each.failures_zh or each.failures
            for why, why_zh in zip(each.failures, chinese, strict=True):
                yield Note(Phrase(f"Not met: {why}", f"未达到：{why_zh}"), "bad")
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
