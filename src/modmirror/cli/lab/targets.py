"""``modmirror lab targets``: which mirrors are known."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import msgspec
from cyclopts import App

from modmirror.cli.lab.options import NO_OPTIONS, Mirror, Options

if TYPE_CHECKING:
    from modmirror.lab.target import Target

TEACH = """\
Examples:

  modmirror lab targets
  modmirror lab targets goproxy.cn --json
  modmirror lab targets --targets mirrors.toml

列出已知的镜像及其运营方。"""

app = App(name="targets", help_epilogue=TEACH)


@app.default
def targets(*mirrors: Mirror, options: Options = NO_OPTIONS) -> None:
    """List the mirrors that are known, and look at each."""
    from modmirror.cli.lab.session import chosen_targets

    chosen = chosen_targets(options, mirrors)
    if options.json_:
        print(
            json.dumps([msgspec.to_builtins(each.entry()) for each in chosen], ensure_ascii=False, indent=2)
        )
    else:
        print("\n".join(map(_line, chosen)))


def _line(target: Target) -> str:
    owner = "yours" if target.owned else target.operator
    return f"{target.name:<18} {target.url:<52} {owner}".rstrip()
