"""Two runs beside each other: what changed beyond chance, and what makes them unlike."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from msgspec import Struct

from modmirror.lab.analysis.changes import coverage_changes, freshness_changes, protocol_changes
from modmirror.lab.analysis.differences import differences
from modmirror.lab.report.document import Document, Note, Section
from modmirror.lab.report.method import changed
from modmirror.lab.report.phrases import Phrase
from modmirror.lab.report.sayings import FLAGS, STATES
from modmirror.lab.results.differences import Difference  # noqa: TC001 - msgspec reads the annotations
from modmirror.lab.results.estimates import FORMAT

if TYPE_CHECKING:
    from collections.abc import Iterator

    from modmirror.lab.report.document import Block
    from modmirror.lab.report.facts import Report, RunFacts
    from modmirror.lab.report.remaking import Kept


class Compared(Struct, frozen=True):
    """The answer of ``lab compare --json``."""

    before: str
    """When the earlier run began."""
    after: str
    differences: tuple[Difference, ...]
    doubts: tuple[str, ...] = ()
    """Why the two can hardly be compared, or not at all."""
    doubts_zh: tuple[str, ...] = ()
    format: int = FORMAT

    @property
    def worse(self) -> bool:
        """Whether anything became worse."""
        return any(each.worse for each in self.differences)


class Stored(NamedTuple):
    """A run that was read."""

    report: Report
    kept: Kept


def compare(before: Stored, after: Stored) -> Compared:
    """Return what changed from the ``before`` run to the ``after`` run."""
    old, new = before.report.run, after.report.run
    doubts = tuple(_doubts(old, new))
    english, chinese = tuple(each.en for each in doubts), tuple(each.zh for each in doubts)
    return Compared(old.started, new.started, changes(before, after), english, chinese)


def changes(before: Stored, after: Stored) -> tuple[Difference, ...]:
    """Return every number and every fact that changed; what one of the runs lacks is left out."""
    (old, was), (new, now) = before, after
    found = [*differences(was.samples, now.samples)]
    if old.coverage and new.coverage:
        found += coverage_changes(old.coverage, new.coverage)
    found += freshness_changes((was.samples, was.events), (now.samples, now.events))
    if old.protocol and new.protocol:
        found += protocol_changes(old.protocol, new.protocol)
    return tuple(found)


def _doubts(before: RunFacts, after: RunFacts) -> Iterator[Phrase]:
    for which, run in ((Phrase("earlier", "先前"), before), (Phrase("later", "后来"), after)):
        if run.flags:
            flags = ", ".join(flag.name for flag in run.flags)
            chinese = "、".join(FLAGS.get(flag.name, flag.name) for flag in run.flags)
            yield Phrase(f"the {which.en} run is invalid: {flags}", f"{which.zh}的测量无效：{chinese}")
        if run.state != "complete":
            state = STATES[run.state]
            yield Phrase(f"the {which.en} run is {run.state}", f"{which.zh}的测量未完成（{state.zh}）")
    engines = [run.environment.get("engine", "") for run in (before, after)]
    for what, old, new in (
        (Phrase("measured from", "测量地点"), before.region, after.region),
        (Phrase("corpus", "语料"), before.corpus, after.corpus),
        (Phrase("engine", "客户端"), engines[0], engines[1]),
    ):
        if old != new:
            yield Phrase(
                f"{what.en}: {old or 'unknown'}, then {new or 'unknown'}",
                f"{what.zh}：先为 {old or '未知'}，后为 {new or '未知'}",
            )
    if not {target.url for target in before.targets} & {target.url for target in after.targets}:
        yield Phrase("they have no mirror in common", "两次测量没有共同的镜像")


def comparison_document(found: Compared) -> Document:
    """Return the comparison for people, doubts first."""
    blocks: list[Block] = [
        Note(Phrase(f"Hard to compare: {english}.", f"可比性存疑：{chinese}。"), "bad")
        for english, chinese in zip(found.doubts, found.doubts_zh, strict=True)
    ]
    if found.differences:
        blocks.append(changed(found.differences))
    else:
        blocks.append(Note(Phrase("Nothing changed beyond chance.", "没有超出偶然的变化。"), "good"))
    period = Phrase(f"From {found.before} to {found.after}", f"从 {found.before} 到 {found.after}")
    title = Phrase("Two runs compared", "两次测量对比")
    return Document(title, (Section("differences", period, tuple(blocks)),))
