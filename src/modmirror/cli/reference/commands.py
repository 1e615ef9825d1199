"""docs/reference/cli.md, from the help texts."""

from __future__ import annotations

import io

from modmirror.cli.help import WIDTH
from modmirror.cli.lab.verbs import LAB_VERBS
from modmirror.cli.main import BUG, FAILED, INTERRUPTED, PIPE_CLOSED, TERMINATED, WRONG_INPUT
from modmirror.cli.verbs import build_app

_HEAD = """\
# Command line

命令行：`modmirror serve` 启动镜像，`modmirror config` 查看和检查配置，
`modmirror origin` 说明模块如何取自代码仓库，`modmirror lab` 测量镜像并演练故障。

Made from the code by `make docs`; do not edit.
"""

_TAIL = f"""\
## Exit codes

| code | meaning |
|---|---|
| 0 | done |
| {FAILED} | it failed; one message on standard error says what, and what to do |
| {WRONG_INPUT} | wrong flags or configuration |
| {BUG} | a bug in modmirror; `MODMIRROR_DEBUG=1` shows the traceback |
| {INTERRUPTED} | interrupted by Ctrl+C |
| {PIPE_CLOSED} | whoever read the output went away |
| {TERMINATED} | told to end (SIGTERM); what it made for the time being is removed, as by Ctrl+C |

Colour is left out when the output is no terminal, or when `NO_COLOR` is set.
"""

SHOWN = (
    (),
    ("serve",),
    ("warm",),
    ("covers",),
    ("upstreams",),
    ("explain",),
    ("config",),
    ("config", "show"),
    ("config", "check"),
    ("config", "example"),
    ("origin",),
    ("origin", "explain"),
    ("lab",),
    *(("lab", verb.name) for verb in LAB_VERBS),
    ("version",),
)
"""Every command that has help of its own."""


def page() -> str:
    """Return the page as Markdown."""
    return "\n".join([_HEAD, *map(_command, SHOWN), _TAIL])


def _command(words: tuple[str, ...]) -> str:
    return f"## `{' '.join(('modmirror', *words))}`\n\n```text\n{help_text(words)}\n```\n"


def help_text(words: tuple[str, ...]) -> str:
    """Return what ``modmirror WORDS --help`` prints."""
    from rich.console import Console

    written = io.StringIO()
    console = Console(file=written, width=WIDTH, color_system=None, force_terminal=False)
    build_app(str).help_print(list(words), console=console)
    return "\n".join(line.rstrip() for line in written.getvalue().strip().splitlines())
