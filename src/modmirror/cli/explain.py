"""``modmirror explain``: what a running mirror would do for a module version now, and why."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Annotated

from cyclopts import App, Parameter

from modmirror.cli.flags import DEFAULT_URL, AsJson, MirrorUrl
from modmirror.cli.module import parse_module
from modmirror.cli.opspage import read_page

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

TEACH = """\
Examples:

  modmirror explain golang.org/x/text@v0.14.0
  modmirror explain github.com/rs/zerolog --url https://mirror.example --json

Nothing is fetched for the question. `modmirror origin explain` shows how a
version is made from its repository.

说明运行中的镜像此刻会如何处理某个模块版本：策略、缓存、路由、上游顺序及原因。"""

app = App(name="explain", help_epilogue=TEACH)


@app.default
def explain(
    module: Annotated[str, Parameter(name="MODULE", help="Module path, as PATH or PATH@VERSION.")],
    /,
    *,
    url: MirrorUrl = DEFAULT_URL,
    json_: AsJson = False,
) -> int:
    """Tell what a running mirror would do for a module version, and why."""
    parse_module(module)  # what a mirror would refuse to read is wrong input: it need not be asked
    told = read_page(url, f"explain/{module}")
    print(json.dumps(told, ensure_ascii=False, indent=2) if json_ else "\n".join(as_lines(told)))
    return 0


def as_lines(told: dict[str, Any]) -> Iterator[str]:
    """Return what a person reads."""
    version = f"@{told['version']}" if told["version"] else ""
    yield f"{'module':8}{told['module']}{version}"
    if (policy := told.get("policy")) is not None:
        yield f"{'policy':8}{'allowed' if policy['allowed'] else policy['reason']}"
    for extension, there in told.get("stored", {}).items():
        yield f"{extension:8}{'stored' if there else 'not stored'}"
    if (route := told.get("route")) is not None:
        offline = ", offline" if route["offline"] else ""
        matched = ", ".join(route["match"])
        yield f"{'route':8}{matched}; checksum database: {route['checksum_database']}{offline}"
    for number, one in enumerate(told.get("asked", ()), 1):
        yield f"{f'ask {number}':8}{one['upstream']} ({one['why']})"
    yield f"{'so':8}{told['then']}"
