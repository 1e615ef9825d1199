"""Who stands where, why, and what would change it (lab.md 7)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from modmirror.lab.analysis.wording import GATES
from modmirror.lab.report.document import Cell, Chart, Note, Section, Table, number, without_blanks, word
from modmirror.lab.report.facts import Elsewhere
from modmirror.lab.report.numbers import figures, optional, percent
from modmirror.lab.report.phrases import REGION, Phrase, same

if TYPE_CHECKING:
    from collections.abc import Iterator

    from modmirror.lab.report.document import Block
    from modmirror.lab.report.facts import Report
    from modmirror.lab.results.ranking import Ranking

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


def ranking(report: Report) -> Section | None:
    """Return the table of places, every score in its parts, and the picture whose weights can be moved."""
    if report.ranking is None:
        return None
    chart = Chart(
        "ranking",
        Phrase("What would change the ranking", "什么会改变排名"),
        Phrase(
            "Score by parts. Move a weight to see who gains: scores are computed anew, the probabilities "
            "in the table stay those of the first weights. Excluded mirrors stay excluded.",
            "按维度分解的得分。调整权重可查看名次变化：得分会重新计算，表中的概率仍为初始权重下的概率；"
            "被排除的镜像不会因此恢复。",
        ),
        _parts(report.ranking),
    )
    note = Note(
        Phrase(
            "Mirrors that share a letter are tied: the difference may be chance.",
            "字母相同的镜像并列：其差异可能只是偶然。",
        )
    )
    blocks: tuple[Block, ...] = (
        _places(report),
        note,
        *_compared_with_arch(report),
        *_elsewhere(report),
        chart,
    )
    return Section("ranking", Phrase("Ranking", "排名"), (*blocks, _gates(report.ranking)))


def _compared_with_arch(report: Report) -> Iterator[Note]:
    if report.arch:
        yield Note(
            Phrase(
                "Arch is the score of Arch Linux's mirror list, to compare with: (delay in hours + mean + "
                "spread of seconds) / share that went well; lower is better. It decides nothing here.",
                "Arch 为 Arch Linux 镜像列表的评分，仅供对照：（延迟小时数 + 耗时均值 + 标准差，秒）÷ "
                "成功率，越低越好；不参与此处的排名。",
            )
        )


def _elsewhere(report: Report) -> Iterator[Table]:
    """Yield the places of the same mirrors as other runs have them, one column a region."""
    if report.ranking is None or not report.elsewhere:
        return
    here = Elsewhere(report.run.region, report.run.started, report.ranking, report.trusted)
    rankings = (here, *report.elsewhere)
    rows = tuple(
        (word(name), *(_place_of(name, each.ranking) for each in rankings))
        for name in dict.fromkeys(row.target for each in rankings for row in each.ranking.targets)
    )
    columns = (Phrase("mirror", "镜像"), *(_region_of(each) for each in rankings))
    caption = Phrase("Rank and score, measured from each region", "各测量地区的名次与得分")
    yield Table(caption, columns, rows)


def _region_of(each: Elsewhere) -> Phrase:
    name = each.region or each.started
    return same(name) if each.trusted else Phrase(f"{name} (doubtful)", f"{name}（存疑）")


def _place_of(name: str, found: Ranking) -> Cell:
    row = next((each for each in found.targets if each.target == name), None)
    if row is None:
        return number("–")
    if row.score is None:
        return Cell(Phrase("out", "排除"), "bad")
    return number(f"{row.rank} ({figures(row.score)})", "good" if name == found.winner else "plain")


def _places(report: Report) -> Table:
    assert report.ranking is not None  # noqa: S101  # its only caller has looked
    regions = {each.name: each.region for each in report.run.targets}
    # Only who passed has a chance of any place.
    count = max((len(each.chance) for each in report.ranking.targets), default=0)
    columns = (
        Phrase("mirror", "镜像"),
        REGION,
        Phrase("rank", "名次"),
        Phrase("group", "组"),
        Phrase("score", "得分"),
        *((same("Arch"),) if report.arch else ()),
        *(same(f"P({place})") for place in range(1, count + 1)),
    )
    rows = tuple(
        (
            word(each.target),
            word(regions.get(each.target, "")),
            number(str(each.rank)) if each.score is not None else Cell(Phrase("out", "排除"), "bad"),
            word(each.group),
            number("–" if each.score is None else figures(each.score)),
            *((number(optional(report.arch.get(each.target), figures)),) if report.arch else ()),
            *(
                number(percent(each.chance[place]) if place < len(each.chance) else "–")
                for place in range(count)
            ),
        )
        for each in report.ranking.targets
    )
    return without_blanks(Table(_places_from(report.run.region), columns, rows))


def _places_from(region: str) -> Phrase:
    if not region:
        return Phrase("Places, and the probability of each", "名次及其概率")
    return Phrase(
        f"Places, and the probability of each, measured from {region}",
        f"名次及其概率（测量地点：{region}）",
    )


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
