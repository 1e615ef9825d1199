"""``modmirror lab load``: how much a server of one's own bears, and what clients feel on the way there."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Literal

from cyclopts import App, Parameter

from modmirror.cli.lab.options import NO_OPTIONS, Options
from modmirror.errors import ConfigError

if TYPE_CHECKING:
    from modmirror.lab.load.measure import LoadPlan
    from modmirror.lab.target import Target

TEACH = """\
Examples:

  modmirror lab load http://127.0.0.1:8080
  modmirror lab load http://127.0.0.1:8080 --file zip \\
      --module corp.example/billing@v1.2.0
  modmirror lab load http://127.0.0.1:8080 --rate 500 --no-sweep \\
      --require "p99<50ms"

Requests begin when they are meant to, whatever became of those before: a server
that stands still for two seconds shows it. The rate grows by a quarter until
more than 1 % fail, P99 passes --slo or less than 98 % is answered; then latency
is told at 25, 50 and 75 % of that knee. Only for servers on this machine, and
for targets with owned = true in a file for --targets.
Without --rate, a closed loop finds where to begin: it asks as fast as the
server answers, and --max-rate cannot hold it back. Give both where that is too
much.
Metrics for --require: knee, capacity, p50, p95, p99, p999, max, errors, dropped.

以开环方式对自己的服务器加压，找到拐点，并报告各级负载下的延迟、错误与资源消耗。"""

app = App(name="load", help_epilogue=TEACH)


@Parameter(name="*")
@dataclass(frozen=True, slots=True, kw_only=True)
class LoadFlags:
    """How to load."""

    rate: Annotated[
        float | None, Parameter(help="Requests a second to begin with. None: 30 % of a closed loop's.")
    ] = None
    max_rate: Annotated[float | None, Parameter(help="Highest rate of the sweep, its first too.")] = None
    sweep: Annotated[bool, Parameter(help="Raise the rate to the knee, or try the one --rate only.")] = True
    seconds: Annotated[float, Parameter(help="Length of a step.")] = 10.0
    slo: Annotated[float, Parameter(help="Seconds that P99 may take.")] = 0.5
    arrivals: Annotated[
        Literal["poisson", "constant"], Parameter(help="As independent clients arrive, or evenly.")
    ] = "poisson"
    max_inflight: Annotated[int, Parameter(help="Requests under way at most; the rest is dropped.")] = 256
    connections: Annotated[int, Parameter(help="Clients of the closed loop.")] = 32
    workers: Annotated[int, Parameter(help="Processes that send.")] = 1
    timeout: Annotated[float, Parameter(help="Seconds for one request.")] = 10.0
    pid: Annotated[
        int | None, Parameter(help="Process of the server. None: found by its port on this machine.")
    ] = None
    server_metrics: Annotated[
        str,
        Parameter(
            help="Page that tells of its garbage collector. Empty: /metrics below it.", metavar="URL"
        ),
    ] = ""
    engine: Annotated[
        Literal["own", "wrk"], Parameter(help="wrk: compare the generator with wrk first.")
    ] = "own"


DEFAULTS = LoadFlags()


@app.default
def load(
    mirror: Annotated[str, Parameter(name="MIRROR", help="URL of a server of yours, or name of a target.")],
    /,
    *,
    module: Annotated[
        tuple[str, ...],
        Parameter(
            help="Module version to ask for, instead of popular ones.", metavar="PATH@VERSION", negative=()
        ),
    ] = (),
    file: Annotated[
        tuple[Literal["info", "mod", "zip", "list"], ...],
        Parameter(help="Which of its files.", negative=()),
    ] = ("info", "mod"),
    flags: LoadFlags = DEFAULTS,
    require: Annotated[
        tuple[str, ...], Parameter(help="Threshold; else exit code 1.", metavar="BAR", negative=())
    ] = (),
    options: Options = NO_OPTIONS,
) -> int:
    """Load a server of your own at rising rates, to its knee."""
    from modmirror.cli.lab.loadtable import load_text
    from modmirror.cli.lab.session import Task, chosen_targets, perform
    from modmirror.lab.load.measure import NAME, Load
    from modmirror.lab.load.readings import METRICS, readings
    from modmirror.lab.load.steps import load_result
    from modmirror.lab.thresholds import parse_thresholds, unmet

    bars = parse_thresholds(require, METRICS)
    plan = _plan(module, file, flags)
    targets = chosen_targets(options, (mirror,))
    _refuse_others(targets[0])
    task = Task(
        NAME,
        Load(plan),
        lambda result, _: load_text(result),
        lambda result: unmet(bars, readings(result)),
        lambda run: load_result(run.events()),
    )
    return perform(task, options, targets)


def _refuse_others(target: Target) -> None:
    """Say before anything is begun that a host of somebody else gets no load. Raises ConfigError."""
    from modmirror.lab.politeness import NotOwned, require_free

    try:
        require_free(target)
    except NotOwned as error:
        raise ConfigError("MIRROR", error.reason, hint=error.hint) from error


def _plan(words: tuple[str, ...], files: tuple[str, ...], flags: LoadFlags) -> LoadPlan:
    from modmirror.lab.bench.cases import parse_modules, popular
    from modmirror.lab.load.collector import KEY
    from modmirror.lab.load.measure import LoadPlan
    from modmirror.lab.load.wrk import find_wrk
    from modmirror.lab.metricspage import page_at

    for name in ("rate", "max_rate", "seconds", "slo", "max_inflight", "connections", "workers", "timeout"):
        value = getattr(flags, name)
        if value is not None and value <= 0:
            raise ConfigError(f"--{name.replace('_', '-')}", f"{value:g} is not above 0")
    if not flags.sweep and flags.rate is None:
        raise ConfigError("--no-sweep", "needs the one rate to try", hint="add --rate N")
    if flags.rate is not None and flags.max_rate is not None and flags.rate > flags.max_rate:
        raise ConfigError(
            "--rate",
            f"{flags.rate:g} is above --max-rate {flags.max_rate:g}",
            hint="lower it, or raise the cap",
        )
    if flags.server_metrics:
        page_at(flags.server_metrics, KEY)
    if flags.engine == "wrk":
        find_wrk()
    return LoadPlan(
        modules=parse_modules(words) if words else popular(),
        files=files,
        rate=flags.rate,
        most=flags.max_rate,
        sweep=flags.sweep,
        seconds=flags.seconds,
        objective=flags.slo,
        arrivals=flags.arrivals,
        in_flight=flags.max_inflight,
        connections=flags.connections,
        workers=flags.workers,
        timeout=flags.timeout,
        pid=flags.pid,
        page=flags.server_metrics,
        wrk=flags.engine == "wrk",
    )
