"""``modmirror lab compare``: what changed between two runs."""

from __future__ import annotations

import os
import sys
from pathlib import Path  # noqa: TC003 - cyclopts reads the annotations
from typing import Annotated

import msgspec
from cyclopts import App, Parameter

from modmirror.cli.lab.options import THRESHOLD_FAILED
from modmirror.cli.lab.report import exit_code, terminal
from modmirror.lab.render.text import write_text
from modmirror.lab.report.comparing import compare as compared
from modmirror.lab.report.comparing import comparison_document
from modmirror.lab.report.phrases import Language  # noqa: TC001 - cyclopts reads the annotations
from modmirror.lab.report.reading import read_report
from modmirror.lab.run.folder import RunFolder

TEACH = """\
Example:

  modmirror lab compare last-week today

A change is named when it is beyond chance (Mann-Whitney, p < 0.002) and above
5 %. Exit code 0 when nothing became worse, 1 when something did, 2 when one of
the runs is not to be believed.

比较两次测量，仅列出超出偶然且大于 5 % 的变化。"""

app = App(name="compare", help_epilogue=TEACH)


@app.default
def compare(
    before: Annotated[Path, Parameter(name="BEFORE", help="Folder of the earlier run.")],
    after: Annotated[Path, Parameter(name="AFTER", help="Folder of the later run.")],
    /,
    *,
    json_: Annotated[bool, Parameter(name="--json", help="One JSON object.", negative=())] = False,
    lang: Annotated[Language, Parameter(help="Language; both puts them side by side.")] = "en",
) -> int:
    """Name what became better or worse between two runs, beyond chance."""
    old, new = RunFolder.open(before), RunFolder.open(after)
    reports = read_report(old), read_report(new)
    found = compared(reports[0].run, reports[1].run, old.samples(), new.samples())
    if json_:
        print(msgspec.json.format(msgspec.json.encode(found), indent=2).decode())
    else:
        print(write_text(comparison_document(found), terminal(sys.stdout, os.environ, lang)), end="")
    invalid = max(map(exit_code, reports))
    return invalid or (THRESHOLD_FAILED if found.worse else 0)
