"""``modmirror lab targets``: which mirrors are known, and whether they answer from here."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Annotated

import msgspec
from cyclopts import App, Parameter

from modmirror.cli.lab.options import NO_OPTIONS, Mirror, Options

if TYPE_CHECKING:
    from collections.abc import Sequence

    from modmirror.lab.results.probe import ProbeResult, ProbeTarget
    from modmirror.lab.target import Target

TEACH = """\
Examples:

  modmirror lab targets
  modmirror lab targets --list
  modmirror lab targets goproxy.cn --json
  modmirror lab targets --targets mirrors.toml

A file of own mirrors:

  [[target]]
  name = "ours"
  url = "https://goproxy.corp.example"
  owned = true                      # may be loaded
  region = "cn-east"
  authorization_env = "OURS_TOKEN"  # variable with the Authorization header

列出已知的镜像及其运营方，并逐个访问一次。"""

app = App(name="targets", help_epilogue=TEACH)


@app.default
def targets(
    *mirrors: Mirror,
    list_: Annotated[bool, Parameter(name="--list", help="Ask nobody.", negative=())] = False,
    options: Options = NO_OPTIONS,
) -> int:
    """List the mirrors that are known, and look at each with one request."""
    from modmirror.cli.lab.session import Task, chosen_targets, perform
    from modmirror.lab.probe.measure import Probe, ProbePlan

    chosen = chosen_targets(options, mirrors)
    if list_:
        print(_listed(chosen, as_json=options.json_))
        return 0
    probe = Probe(ProbePlan(cold=1, warm=0))
    return perform(Task("targets", probe, lambda result, _: looked_text(chosen, result)), options, chosen)


def looked_text(chosen: Sequence[Target], result: ProbeResult) -> str:
    """Return a few lines a mirror: where it is, what it says of itself, what is known."""
    return "\n".join(line for target in chosen for line in _looked(target, result.targets[target.name]))


def _looked(target: Target, found: ProbeTarget) -> list[str]:
    lines = [_line(target)]
    if found.status is None:
        lines.append(f"    unreachable: {found.reason}")
    else:
        seen = [f"answers {found.status} from {found.address}", f"HTTP/{found.http}", found.tls]
        seen += [f"certificate by {found.issuer} until {found.expires}" if found.issuer else ""]
        lines.append("    " + ", ".join(word for word in seen if word))
    return [*lines, *(f"    {fact}" for fact in target.facts)]


def _listed(chosen: Sequence[Target], *, as_json: bool) -> str:
    if as_json:
        entries = [msgspec.to_builtins(target.entry()) for target in chosen]
        return json.dumps(entries, ensure_ascii=False, indent=2)
    return "\n".join(map(_line, chosen))


def _line(target: Target) -> str:
    owner = "yours" if target.owned else target.operator
    return f"{target.name:<18} {target.url:<52} {owner}".rstrip()
