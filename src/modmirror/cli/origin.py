"""``modmirror origin``: how a module is made from its repository, told step by step."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path  # noqa: TC003 - cyclopts reads the annotations
from typing import Annotated

from cyclopts import App, Parameter

from modmirror.cli.explained import as_json, as_text
from modmirror.cli.flags import AsJson  # noqa: TC001 - cyclopts reads the annotations
from modmirror.cli.main import FAILED
from modmirror.cli.module import parse_module
from modmirror.config import load_config
from modmirror.errors import Error

TEACH = """\
Examples:

  modmirror origin explain golang.org/x/text
  modmirror origin explain github.com/rs/zerolog@v1.33.0 --json
  modmirror origin explain corp.example/billing@main --config mirror.toml

VERSION is a version, branch, tag or commit id; without it, the latest. All is
fetched anew into a temporary directory, which is removed at the end: a mirror
that runs meanwhile is not disturbed. Exit code 0 when there is such a version,
1 when there is none or it could not be found out, 2 for wrong usage.

逐步说明模块如何取自代码仓库：路由、发现、标签、提交、go.mod 与校验和。"""

app = App(name="origin", help_epilogue=TEACH)


@app.command
def explain(
    module: Annotated[str, Parameter(name="MODULE", help="Module path, as PATH or PATH@VERSION.")],
    /,
    *,
    config: Annotated[Path | None, Parameter(help="TOML file to read.", metavar="FILE")] = None,
    all_: Annotated[
        bool, Parameter(name="--all", help="List every file that is left out.", negative=())
    ] = False,
    json_: AsJson = False,
) -> int:
    """Show step by step how a version of a module is made from its repository."""
    target = parse_module(module)
    loaded = load_config(environ=os.environ, file=config)

    from modmirror import compose

    explanation = compose.explain(loaded.config, target.module, target.version)
    if json_:
        print(json.dumps(as_json(target, explanation), ensure_ascii=False, indent=2))
    else:
        bright = sys.stdout.isatty() and not os.environ.get("NO_COLOR")
        print(as_text(target, explanation, every=all_, bright=bright))
    return FAILED if isinstance(explanation.outcome, Error) else 0
