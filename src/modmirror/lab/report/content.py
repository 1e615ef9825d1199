"""What mirrors have: the protocol they speak, the corpus they serve, how soon new versions are there."""

from __future__ import annotations

from typing import TYPE_CHECKING

from modmirror.lab.report.document import Cell, Chart, Note, Section, Table, number, word
from modmirror.lab.report.features import title_of
from modmirror.lab.report.numbers import estimate, seconds, share
from modmirror.lab.report.phrases import EMPTY, Phrase, same
from modmirror.lab.report.sayings import in_chinese, said

if TYPE_CHECKING:
    from modmirror.lab.report.document import Level
    from modmirror.lab.report.facts import Report
    from modmirror.lab.results.coverage import CoverageResult
    from modmirror.lab.results.freshness import FreshnessResult
    from modmirror.lab.results.protocol import Cell as Judged
    from modmirror.lab.results.protocol import ProtocolResult, Verdict

SIGNS: dict[Verdict, tuple[Phrase, Level]] = {
    "yes": (same("✓"), "good"),
    "no": (same("✗"), "bad"),
    "partly": (Phrase("~ partly", "~ 部分"), "warn"),
    "not-applicable": (same("n.a."), "plain"),
    "unknown": (same("–"), "plain"),
}
PLACES = {
    "info": Phrase("asked for by name", "按版本查询"),
    "list": Phrase("in the list", "版本列表"),
    "latest": Phrase("as latest", "最新版本"),
}
FULL, GOOD = 0.98, 0.9
"""Shares from which coverage is no gap, and from which it is a small one (lab.md 7)."""
_MIRROR = Phrase("mirror", "镜像")


def protocol(report: Report) -> Section | None:
    """Return the conformance matrix with the evidence for each cell."""
    found = report.protocol
    if found is None:
        return None
    return Section("protocol", Phrase("Protocol", "协议"), (_matrix(found), _evidence(found)))


def _matrix(found: ProtocolResult) -> Table:
    rows = []
    for feature in found.features:
        title, star = title_of(feature.title), " *" if feature.needed else ""
        row = [Cell(Phrase(title.en + star, title.zh + star), detail=same(feature.clause))]
        for target in found.targets:
            cell = found.cells.get(target, {}).get(feature.key)
            sign, level = SIGNS[cell.verdict if cell else "unknown"]
            row.append(Cell(sign, level, _told(cell) if cell else EMPTY))
        rows.append(tuple(row))
    caption = Phrase(
        "What each mirror can do (* the go command needs it)", "各镜像的协议支持（* 为 go 命令所必需）"
    )
    return Table(caption, (Phrase("feature", "功能"), *map(same, found.targets)), tuple(rows))


def _told(cell: Judged) -> Phrase:
    parts = [said(text) for text in (cell.evidence, cell.note) if text]
    return Phrase(" – ".join(each.en for each in parts), " – ".join(each.zh for each in parts))


def _evidence(found: ProtocolResult) -> Table:
    titles = {feature.key: title_of(feature.title) for feature in found.features}
    rows = tuple(
        (
            word(target),
            Cell(titles.get(key, same(key))),
            Cell(*SIGNS[cell.verdict]),
            Cell(said(cell.evidence)),
            Cell(said(cell.note)),
        )
        for target in found.targets
        for key, cell in found.cells.get(target, {}).items()
        if cell.verdict in {"no", "partly"}
    )
    columns = (
        _MIRROR,
        Phrase("feature", "功能"),
        same(""),
        Phrase("evidence", "证据"),
        Phrase("note", "说明"),
    )
    return Table(Phrase("Evidence for what is missing", "缺失功能的证据"), columns, rows)


def coverage(report: Report) -> Section | None:
    """Return what mirrors had of the corpus, by stratum, and every file that was not what it should be."""
    found = report.coverage
    if found is None:
        return None
    chart = Chart(
        "coverage",
        Phrase("Coverage by stratum", "分层覆盖率"),
        Phrase("Darker is more complete.", "颜色越深越完整。"),
        _strata(found),
    )
    return Section(
        "coverage",
        Phrase("Coverage and integrity", "覆盖率与完整性"),
        (_integrity_note(found), chart, _mismatches(found), _missing(found)),
    )


def _integrity_note(found: CoverageResult) -> Note:
    wrong = {name: len(each.mismatches) for name, each in found.targets.items() if each.mismatches}
    if not wrong:
        return Note(
            Phrase("Every file had the h1: that it should have.", "所有文件的 h1: 校验和均正确。"), "good"
        )
    names = ", ".join(f"{name} ({count})" for name, count in wrong.items())
    return Note(Phrase(f"WRONG CONTENT served by {names}.", f"提供了错误内容的镜像：{names}。"), "bad")


def _strata(found: CoverageResult) -> Table:
    names = tuple(found.targets)
    rows = [
        (word(stratum), *(_covered(found, name, stratum) for name in names)) for stratum in found.strata
    ]
    rows.append(
        (Cell(Phrase("all", "合计")), *(number(share(found.targets[name].overall)) for name in names))
    )
    return Table(
        Phrase("Served with the right content / asked for", "内容正确数 / 请求数"),
        (Phrase("stratum", "分层"), *map(same, names)),
        tuple(rows),
    )


def _covered(found: CoverageResult, target: str, stratum: str) -> Cell:
    part = found.targets[target].strata.get(stratum)
    if part is None or not part.n:
        return number("–")
    got = part.ok / part.n
    return number(share(part), "plain" if got >= FULL else "warn" if got >= GOOD else "bad")


def _mismatches(found: CoverageResult) -> Table:
    rows = tuple(
        (
            word(name, "bad"),
            word(each.path),
            Cell(said(each.got)),
            word(each.want),
            Cell(said(each.authority)),
        )
        for name, target in found.targets.items()
        for each in target.mismatches
    )
    columns = (
        _MIRROR,
        Phrase("file", "文件"),
        Phrase("got", "实际"),
        Phrase("should be", "应为"),
        Phrase("says who", "依据"),
    )
    return Table(Phrase("Files with wrong content", "内容错误的文件"), columns, rows)


def _missing(found: CoverageResult) -> Table:
    rows = tuple(
        (word(name), Cell(_lacking(text)))
        for name, target in found.targets.items()
        for text in target.missing
    )
    return Table(
        Phrase("First of what was missing", "缺失文件（前若干个）"), (_MIRROR, Phrase("file", "文件")), rows
    )


def _lacking(text: str) -> Phrase:
    # A path has no colon with a blank: what follows the first one is the reason.
    path, colon, reason = text.partition(": ")
    return Phrase(text, f"{path}{colon}{in_chinese(reason)}")


def freshness(report: Report) -> Section | None:
    """Return how long new versions stay invisible, by place."""
    found = report.freshness
    if found is None:
        return None
    chart = Chart(
        "freshness",
        Phrase("Visible after …", "多久之后可见"),
        Phrase(
            "Share of new versions that could be seen, with 95 % bands.", "新版本可见比例及 95 % 区间。"
        ),
        _lags(found),
    )
    blocks = (chart, Note(Phrase(found.note, found.note_zh or found.note))) if found.note else (chart,)
    return Section("freshness", Phrase("Freshness", "新鲜度"), blocks)


def _lags(found: FreshnessResult) -> Table:
    limits = ("60", "300", "1800")
    columns = (
        _MIRROR,
        Phrase("place", "位置"),
        Phrase("median lag", "中位延迟"),
        *(Phrase(f"within {int(limit) // 60} min", f"{int(limit) // 60} 分钟内") for limit in limits),
        Phrase("versions", "版本数"),
        Phrase("never seen", "始终未见"),
    )
    rows = tuple(
        (
            word(name),
            Cell(PLACES.get(place, same(place))),
            number(estimate(lag.median, seconds)),
            *(number(share(lag.within[limit]) if limit in lag.within else "–") for limit in limits),
            number(str(lag.versions)),
            number(str(lag.never), "bad" if lag.never else "plain"),
        )
        for name, lags in found.targets.items()
        for place, lag in lags.items()
    )
    return Table(Phrase("Lag of new versions", "新版本滞后"), columns, rows)
