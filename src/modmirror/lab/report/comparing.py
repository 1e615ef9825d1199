"""Two runs beside each other: what changed beyond chance, and what makes them unlike."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from msgspec import Struct

from modmirror.lab import results
from modmirror.lab.analysis.changes import coverage_changes, freshness_changes, protocol_changes
from modmirror.lab.analysis.differences import differences
from modmirror.lab.report.document import Document, Note, Section
from modmirror.lab.report.method import changed
from modmirror.lab.report.phrases import Phrase

if TYPE_CHECKING:
    from collections.abc import Iterator

    from modmirror.lab.report.document import Block
    from modmirror.lab.report.facts import Report, RunFacts
    from modmirror.lab.report.remaking import Kept
    from modmirror.lab.results import Difference


class Compared(Struct, frozen=True):
    """The answer of ``lab compare --json``."""

    before: str
    """When the earlier run began."""
    after: str
    differences: tuple[results.Difference, ...]
    doubts: tuple[str, ...] = ()
    """Why the two can hardly be compared, or not at all."""
    format: int = results.FORMAT

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
    return Compared(old.started, new.started, changes(before, after), tuple(_doubts(old, new)))


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


def _doubts(before: RunFacts, after: RunFacts) -> Iterator[str]:
    for name, run in (("earlier", before), ("later", after)):
        if run.flags:
            yield f"the {name} run is invalid: {', '.join(flag.name for flag in run.flags)}"
        if run.state != "complete":
            yield f"the {name} run is {run.state}"
    for what, old, new in (
        ("measured from", before.region, after.region),
        ("corpus", before.corpus, after.corpus),
        ("engine", before.environment.get("engine", ""), after.environment.get("engine", "")),
    ):
        if old != new:
            yield f"{what}: {old or 'unknown'}, then {new or 'unknown'}"
    if not {target.url for target in before.targets} & {target.url for target in after.targets}:
        yield "they have no mirror in common"


def comparison_document(found: Compared) -> Document:
    """Return the comparison for people, doubts first."""
    blocks: list[Block] = [
        Note(Phrase(f"Hard to compare: {doubt}.", f"可比性存疑：{doubt}。"), "bad")
        for doubt in found.doubts
    ]
    if found.differences:
        blocks.append(changed(found.differences))
    else:
        blocks.append(Note(Phrase("Nothing changed beyond chance.", "没有超出偶然的变化。"), "good"))
    period = Phrase(f"From {found.before} to {found.after}", f"从 {found.before} 到 {found.after}")
    title = Phrase("Two runs compared", "两次测量对比")
    return Document(title, (Section("differences", period, tuple(blocks)),))
