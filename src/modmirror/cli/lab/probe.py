"""``modmirror lab probe URL…``: one screen that says where the time goes."""

from __future__ import annotations

from typing import Annotated

from cyclopts import App, Parameter

from modmirror.cli.lab.options import NO_OPTIONS, Mirror, Options

TEACH = """\
Examples:

  modmirror lab probe https://proxy.golang.org https://goproxy.cn
  modmirror lab probe http://127.0.0.1:8080 --module corp.example/billing@v1.2.0

Cold: a new connection for each request. Warm: a kept one, after two requests
that do not count. Eight requests a mirror say where the time goes, not who is
faster: for that, use lab bench.

逐阶段显示耗时：DNS、TCP、TLS、等待、接收，分冷连接与热连接。"""

app = App(name="probe", help_epilogue=TEACH)


@app.default
def probe(
    *mirrors: Mirror,
    module: Annotated[
        str, Parameter(help="Module version whose .info is fetched.", metavar="PATH@VERSION")
    ] = "",
    options: Options = NO_OPTIONS,
) -> int:
    """Show the phases of a request, cold and warm."""
    from modmirror.cli.lab.phases import probe_text
    from modmirror.cli.lab.session import Task, chosen_targets, perform
    from modmirror.lab.bench.cases import parse_modules
    from modmirror.lab.probe.measure import Probe, ProbePlan

    targets = chosen_targets(options, mirrors)
    plan = ProbePlan(module=parse_modules((module,))[0]) if module else ProbePlan()
    return perform(Task("probe", Probe(plan), lambda result, _: probe_text(result)), options, targets)
