"""``modmirror lab report``: what a run found, for people and for programs."""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path  # noqa: TC003 - cyclopts reads the annotations
from random import Random
from typing import TYPE_CHECKING, Annotated

import msgspec
from cyclopts import App, Parameter
from msgspec.structs import replace

from modmirror.cli.lab.options import INVALID_RUN
from modmirror.errors import ConfigError
from modmirror.lab.analysis.differences import differences
from modmirror.lab.render.formats import SUFFIXES, Format, Rendering, render
from modmirror.lab.render.machine import write_schema
from modmirror.lab.render.text import Style
from modmirror.lab.report.concluding import conclude
from modmirror.lab.report.phrases import Language  # noqa: TC001 - cyclopts reads the annotations
from modmirror.lab.report.reading import read_report
from modmirror.lab.run.folder import RunFolder
from modmirror.lab.run.lines import write_whole

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import TextIO

    from modmirror.lab.report.facts import Report

TEACH = """\
Examples:

  modmirror lab report run
  modmirror lab report run --out report.html
  modmirror lab report run --format md --lang zh
  modmirror lab report --schema

The report is made anew from what is stored; nothing is measured. The HTML page
needs no network and no other file. Exit code 2 when the run is not to be
believed.

由已保存的测量生成报告：终端、Markdown、HTML、JSON、CSV、JUnit、Prometheus。"""

FILE_WIDTH = 160
"""Columns of what is read in a file: wide enough for most tables."""

app = App(name="report", help_epilogue=TEACH)


@app.default
def report(
    run: Annotated[Path | None, Parameter(name="DIR", help="Folder that --save made.")] = None,
    /,
    *,
    format_: Annotated[
        Format | None, Parameter(name="--format", help="Without it, what --out ends with, else text.")
    ] = None,
    out: Annotated[Path | None, Parameter(help="Write to a file.", metavar="FILE")] = None,
    lang: Annotated[Language, Parameter(help="Language; both puts them side by side.")] = "en",
    before: Annotated[Path | None, Parameter(help="Earlier run to compare with.", metavar="DIR")] = None,
    schema: Annotated[bool, Parameter(help="Print the JSON schema of --format json.", negative=())] = False,
) -> int:
    """Tell what a run found: verdict and setting first, then the evidence."""
    if schema:
        print(write_schema(), end="")
        return 0
    if run is None:
        raise ConfigError("DIR", "no run was named", hint="name a folder that --save made")
    folder = RunFolder.open(run)
    found = read_whole(folder)
    if before is not None:
        earlier = RunFolder.open(before)
        found = replace(found, differences=differences(earlier.samples(), folder.samples()))
    form = format_ or format_of(out)
    style = (
        terminal(sys.stdout, os.environ, lang) if out is None else Style(width=FILE_WIDTH, language=lang)
    )
    text = render(found, form, Rendering(style, lambda: raw_samples(folder)))
    if out is None:
        print(text, end="")
    else:
        write_whole(out, text.encode())
    return exit_code(found)


def read_whole(folder: RunFolder, for_: str = "") -> Report:
    """Return the report of a stored run with ranking and setting. The same run makes the same report."""
    found = read_report(folder)
    chance = Random(found.run.seed)  # noqa: S311 - the same run is to be ranked the same way again
    return conclude(found, folder.samples(), chance, for_)


def format_of(out: Path | None) -> Format:
    """Return the format that a file's name asks for. Raises ConfigError for a name that says nothing."""
    if out is None:
        return "text"
    try:
        return SUFFIXES[out.suffix.lower()]
    except KeyError:
        known = ", ".join(SUFFIXES)
        raise ConfigError(
            "--out", f"{out.name} tells no format", hint=f"add --format, or {known}"
        ) from None


def terminal(stream: TextIO, environ: Mapping[str, str], language: Language) -> Style:
    """Return how the terminal is. A file or a pipe is wide and has no colour."""
    if not stream.isatty():
        return Style(width=FILE_WIDTH, language=language)
    colour = not environ.get("NO_COLOR") and environ.get("TERM") != "dumb"
    return Style(shutil.get_terminal_size().columns, colour=colour, language=language)


def raw_samples(folder: RunFolder) -> bytes:
    """Return the samples of a run as JSON lines, whole ones only."""
    return b"".join(msgspec.json.encode(sample) + b"\n" for sample in folder.samples())


def exit_code(found: Report) -> int:
    """Return 2 when the numbers of a run are not to be believed."""
    return INVALID_RUN if found.run.flags else 0
