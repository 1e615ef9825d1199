"""Which sections a report has, and in which order (lab.md 7): verdict, ranking, evidence, method."""

from __future__ import annotations

from typing import TYPE_CHECKING

from modmirror.lab.report import content, hours, method, performance, ranking, resilience, verdict
from modmirror.lab.report.document import Chart, Document, Section, Table
from modmirror.lab.report.phrases import Phrase

if TYPE_CHECKING:
    from modmirror.lab.report.facts import Report

TITLE = Phrase("Go module mirrors, measured", "Go 模块镜像测量报告")
_ORDER = (
    verdict.verdict,
    ranking.ranking,
    method.differences,
    performance.probe,
    performance.latency,
    hours.hours,
    content.coverage,
    content.freshness,
    content.protocol,
    performance.load,
    resilience.cache,
    resilience.faults,
    performance.replay,
    resilience.links,
    method.method,
)


def write_document(report: Report) -> Document:
    """Return the document of a run: only what was measured, and nothing empty."""
    sections = (section(report) for section in _ORDER)
    return Document(TITLE, tuple(_kept(each) for each in sections if each is not None))


def _kept(section: Section) -> Section:
    """Leave out tables without rows."""
    blocks = tuple(
        block
        for block in section.blocks
        if not (isinstance(block, Table) and not block.rows)
        and not (isinstance(block, Chart) and not block.table.rows)
    )
    return Section(section.key, section.title, blocks)
