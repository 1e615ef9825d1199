"""The table of formats. A new one is one file and one row here."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, TypeAlias

from modmirror.lab.render.junit import write_junit
from modmirror.lab.render.machine import write_csv, write_json
from modmirror.lab.render.markdown import write_markdown
from modmirror.lab.render.page import write_page
from modmirror.lab.render.prometheus import write_prometheus
from modmirror.lab.render.text import Style, write_text
from modmirror.lab.report.writing import write_document

if TYPE_CHECKING:
    from collections.abc import Callable

    from modmirror.lab.report.facts import Report

Format: TypeAlias = Literal["text", "md", "html", "json", "csv", "junit", "prometheus"]

SUFFIXES: dict[str, Format] = {
    ".txt": "text",
    ".md": "md",
    ".html": "html",
    ".htm": "html",
    ".json": "json",
    ".csv": "csv",
    ".xml": "junit",
    ".prom": "prometheus",
}
"""What a file's name says about its format."""


@dataclass(frozen=True, slots=True)
class Rendering:
    """What a format may need beside the report."""

    style: Style
    samples: Callable[[], bytes]
    """Raw JSON lines; read only by the format that carries them along."""


def render(report: Report, form: Format, rendering: Rendering) -> str:
    """Return a report in a format."""
    return FORMATS[form](report, rendering)


FORMATS: dict[Format, Callable[[Report, Rendering], str]] = {
    "text": lambda report, how: write_text(write_document(report), how.style),
    "md": lambda report, how: write_markdown(write_document(report), how.style.language),
    "html": lambda report, how: write_page(report, how.style.language, how.samples()),
    "json": lambda report, _: write_json(report),
    "csv": lambda report, _: write_csv(report),
    "junit": lambda report, _: write_junit(report),
    "prometheus": lambda report, _: write_prometheus(report),
}
