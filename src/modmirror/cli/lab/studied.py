"""How a study ends on the command line: what it has is kept, and its report is written beside it."""

from __future__ import annotations

import asyncio
import sys
from typing import TYPE_CHECKING, Any

from modmirror.cli.lab.report import FILE_WIDTH, raw_samples
from modmirror.errors import StorageError
from modmirror.lab.render.formats import Format, Rendering, render
from modmirror.lab.render.text import Style
from modmirror.lab.run.lines import write_whole

if TYPE_CHECKING:
    from collections.abc import Coroutine
    from pathlib import Path

    from modmirror.lab.bundle import Progress
    from modmirror.lab.report.facts import Report
    from modmirror.lab.report.phrases import Language
    from modmirror.lab.run.folder import RunFolder

_FORMATS: tuple[tuple[str, Format], ...] = (
    ("report.txt", "text"), ("report.md", "md"), ("report.html", "html"), ("report.json", "json"),
)  # fmt: skip


def carried_out(
    run: RunFolder, progress: Progress, work: Coroutine[Any, Any, tuple[str, ...]]
) -> tuple[str, ...]:
    """Do the work of a study, and return what could not be measured.

    Whatever ends it early: the folder says so, and the user is told where it is.
    """
    try:
        problems = asyncio.run(work)
        run.finish("interrupted" if problems else "complete")
    except BaseException:
        progress.end()
        try:
            run.finish("interrupted")
        except StorageError as error:
            # The reason for the early end is already on its way to the user; this is one more fact.
            print(f"the end was not written: {error.reason}", file=sys.stderr)
        print(f"kept so far: {run.place} (modmirror lab report {run.place})", file=sys.stderr)
        raise
    progress.end()
    return problems


def write_reports(report: Report, run: RunFolder, language: Language = "en") -> tuple[Path, ...]:
    """Write the report in every form that people read. Raises StorageFull, StorageBroken."""
    rendering = Rendering(Style(FILE_WIDTH, language=language), lambda: raw_samples(run))
    written = []
    for name, form in _FORMATS:
        file = run.path / name
        write_whole(file, render(report, form, rendering).encode())
        written.append(file)
    return tuple(written)
