"""``modmirror lab recommend``: which setting to use, computed from a run."""

from __future__ import annotations

import os
import sys
from pathlib import Path  # noqa: TC003 - cyclopts reads the annotations
from typing import Annotated

import msgspec
from cyclopts import App, Parameter

from modmirror.cli.flags import AsJson  # noqa: TC001 - cyclopts reads the annotations
from modmirror.cli.lab.options import THRESHOLD_FAILED
from modmirror.cli.lab.report import exit_code, read_whole, terminal
from modmirror.errors import ConfigError
from modmirror.lab.render.text import write_text
from modmirror.lab.report.document import Document
from modmirror.lab.report.phrases import Language  # noqa: TC001 - cyclopts reads the annotations
from modmirror.lab.report.verdict import verdict
from modmirror.lab.report.writing import TITLE
from modmirror.lab.run.folder import RunFolder

TEACH = """\
Examples:

  modmirror lab recommend run
  modmirror lab recommend run --for ci
  modmirror lab recommend run --for cn --lang zh

Every part of the setting has its reason. Exit code 1 when no mirror can be
recommended, 2 when the run is not to be believed.

由测量结果计算 GOPROXY 与 GOSUMDB 设置，并说明每一部分的原因。"""

app = App(name="recommend", help_epilogue=TEACH)


@app.default
def recommend(
    run: Annotated[Path, Parameter(name="DIR", help="Folder that --save made.")],
    /,
    *,
    for_: Annotated[
        str, Parameter(name="--for", help="For whom: ci, or a region such as cn.", metavar="WHOM")
    ] = "",
    json_: AsJson = False,
    lang: Annotated[Language, Parameter(help="Language; both puts them side by side.")] = "en",
) -> int:
    """Print the GOPROXY and GOSUMDB to use, a route for a modmirror, and why."""
    found = read_whole(RunFolder.open(run), for_)
    if found.setting is None:
        raise ConfigError(
            "DIR",
            "this run measured nothing that tells mirrors apart",
            hint="run lab bench or lab coverage with --save",
        )
    if json_:
        answer = {"setting": found.setting, "state": found.run.state, "flags": found.run.flags}
        print(msgspec.json.format(msgspec.json.encode(answer), indent=2).decode())
    else:
        document = Document(TITLE, (verdict(found),))
        print(write_text(document, terminal(sys.stdout, os.environ, lang)), end="")
    return exit_code(found) or (0 if found.setting.goproxy else THRESHOLD_FAILED)
