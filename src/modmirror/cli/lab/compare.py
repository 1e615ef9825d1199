"""``modmirror lab compare``: what changed between two runs."""

from __future__ import annotations

import os
import sys
from pathlib import Path  # noqa: TC003 - cyclopts reads the annotations
from typing import Annotated

import msgspec
from cyclopts import App, Parameter

from modmirror.cli.flags import AsJson  # noqa: TC001 - cyclopts reads the annotations
from modmirror.cli.lab.options import THRESHOLD_FAILED
from modmirror.cli.lab.report import exit_code, stored, terminal
from modmirror.lab.render.text import write_text
from modmirror.lab.report.comparing import compare as compared
from modmirror.lab.report.comparing import comparison_document
from modmirror.lab.report.phrases import Language  # noqa: TC001 - cyclopts reads the annotations
from modmirror.lab.run.folder import RunFolder

TEACH = """\
Example:

  modmirror lab compare last-week today

A time or speed is named when it changed beyond chance (Mann-Whitney, p < 0.002)
and by more than 5 %; coverage, lags of new versions and failures when beyond
chance; wrong files and features of the protocol always. Exit code 0 when
nothing became worse, 1 when something did, 2 when one of the runs is not to be
believed.

比较两次测量：时间、速度、覆盖率、新鲜度、协议，仅列出超出偶然的变化。"""

app = App(name="compare", help_epilogue=TEACH)


@app.default
def compare(
    earlier: Annotated[Path, Parameter(name="BEFORE", help="Folder of the earlier run.")],
    later: Annotated[Path, Parameter(name="AFTER", help="Folder of the later run.")],
    /,
    *,
    json_: AsJson = False,
    lang: Annotated[Language, Parameter(help="Language; both puts them side by side.")] = "en",
) -> int:
    """Name what became better or worse between two runs, beyond chance."""
    before, after = stored(RunFolder.open(earlier)), stored(RunFolder.open(later))
    found = compared(before, after)
    if json_:
        print(msgspec.json.format(msgspec.json.encode(found), indent=2).decode())
    else:
        print(write_text(comparison_document(found), terminal(sys.stdout, os.environ, lang)), end="")
    invalid = max(exit_code(before.report), exit_code(after.report))
    return invalid or (THRESHOLD_FAILED if found.worse else 0)
