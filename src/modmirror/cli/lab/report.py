"""``modmirror lab report``: what a run found, for people and for programs."""

from __future__ import annotations

import os
import shutil
import sys
from dataclasses import dataclass
from pathlib import Path  # noqa: TC003 - cyclopts reads the annotations
from random import Random
from typing import TYPE_CHECKING, Annotated

import msgspec
from cyclopts import App, Parameter
from msgspec.structs import replace

from modmirror.cli.lab.options import INVALID_RUN, THRESHOLD_FAILED, Require
from modmirror.errors import ConfigError
from modmirror.lab.render.formats import SUFFIXES, Format, Rendering, render
from modmirror.lab.render.machine import write_schema
from modmirror.lab.render.text import Style
from modmirror.lab.report.comparing import Stored, changes
from modmirror.lab.report.concluding import conclude
from modmirror.lab.report.facts import Elsewhere
from modmirror.lab.report.phrases import Language  # noqa: TC001 - cyclopts reads the annotations
from modmirror.lab.report.reading import read_report
from modmirror.lab.report.remaking import Kept
from modmirror.lab.report.requiring import required
from modmirror.lab.run.folder import RunFolder
from modmirror.lab.run.lines import write_whole

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import TextIO

    from modmirror.lab.report.facts import Report

TEACH = """\
Examples:

  modmirror lab report run
  modmirror lab report run --out report.html
  modmirror lab report run --format md --lang zh
  modmirror lab report from-beijing from-frankfurt --out both.html
  modmirror lab report run --format junit --require "info/warm p95<200ms"
  modmirror lab report --schema

The report is made anew from what is stored; nothing is measured. A result that
was not stored (disk full, killed) is made from the samples. The HTML page needs
no network and no other file. Exit code 1 when a --require was not met, 2
when the run is not to be believed.

由已保存的测量生成报告：终端、Markdown、HTML、JSON、CSV、JUnit、Prometheus。"""

FILE_WIDTH = 160
"""Columns of what is read in a file: wide enough for most tables."""

app = App(name="report", help_epilogue=TEACH)


@Parameter(name="*")
@dataclass(frozen=True, slots=True, kw_only=True)
class ReportFlags:
    """What the report is to look like, and what it is held against."""

    form: Annotated[
        Format | None, Parameter(name="--format", help="Without it, what --out ends with, else text.")
    ] = None
    out: Annotated[Path | None, Parameter(help="Write to a file.", metavar="FILE")] = None
    lang: Annotated[Language, Parameter(help="Language; both puts them side by side.")] = "en"
    before: Annotated[Path | None, Parameter(help="Earlier run to compare with.", metavar="DIR")] = None
    require: Require = ()
    remake: Annotated[
        bool, Parameter(help="Make every result again from the raw samples.", negative=())
    ] = False
    schema: Annotated[bool, Parameter(help="Print the JSON schema of --format json.", negative=())] = False


NO_FLAGS = ReportFlags()


@app.default
def report(
    run: Annotated[Path | None, Parameter(name="DIR", help="Folder that --save made.")] = None,
    /,
    *regions: Annotated[Path, Parameter(name="REGION", help="Folders of runs from other regions.")],
    flags: ReportFlags = NO_FLAGS,
) -> int:
    """Tell what a run found: verdict and setting first, then the evidence."""
    if flags.schema:
        print(write_schema(), end="")
        return 0
    if run is None:
        raise ConfigError("DIR", "no run was named", hint="name a folder that --save made")
    form = flags.form or format_of(flags.out)
    folder = RunFolder.open(run)
    found = held_against(read_whole(folder, remade=flags.remake), folder, flags)
    found = replace(found, elsewhere=elsewhere(regions))
    style = (
        Style(FILE_WIDTH, language=flags.lang)
        if flags.out
        else terminal(sys.stdout, os.environ, flags.lang)
    )
    text = render(found, form, Rendering(style, lambda: raw_samples(folder)))
    if flags.out is None:
        print(text, end="")
    else:
        write_whole(flags.out, text.encode())
    return exit_code(found)


def elsewhere(runs: Sequence[Path]) -> tuple[Elsewhere, ...]:
    """Return who was best in other runs. Raises ConfigError for one that ranks nobody."""
    found = []
    for path in runs:
        other = read_whole(RunFolder.open(path))
        if other.ranking is None:
            raise ConfigError("REGION", f"{path} ranks no mirrors", hint="name a bench or a study")
        found.append(Elsewhere(other.run.region, other.run.started, other.ranking, other.trusted))
    return tuple(found)


def held_against(found: Report, folder: RunFolder, flags: ReportFlags) -> Report:
    """Return the report with its thresholds judged, and with what changed since an earlier run."""
    found = replace(found, requirements=required(found, flags.require))
    if flags.before is None:
        return found
    kept = Kept(folder.samples(), folder.events())
    return replace(found, differences=changes(stored(RunFolder.open(flags.before)), Stored(found, kept)))


def stored(folder: RunFolder) -> Stored:
    """Return a run as it can be compared."""
    return Stored(read_report(folder), Kept(folder.samples(), folder.events()))


def read_whole(folder: RunFolder, for_: str = "", *, remade: bool = False) -> Report:
    """Return the report of a stored run with ranking and setting. The same run makes the same report."""
    found = read_report(folder, remade=remade)
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
    """Return 2 when the numbers of a run are not to be believed, 1 when a bar was not met."""
    if found.run.flags:
        return INVALID_RUN
    return THRESHOLD_FAILED if any(each.failures for each in found.requirements) else 0
