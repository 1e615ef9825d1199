"""``modmirror lab fault``: rehearse what happens when the upstream is sick."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated

import msgspec
from cyclopts import App, Parameter

from modmirror.cli.flags import AsJson  # noqa: TC001 - cyclopts reads the annotations
from modmirror.cli.lab.options import NO_OPTIONS, Options
from modmirror.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from modmirror.lab.fault.scenario import Scenario
    from modmirror.lab.results.faults import FaultResult, FaultRun

TEACH = """\
Examples:

  modmirror lab fault list
  modmirror lab fault run cut blackhole --time-scale 0.2
  modmirror lab fault run all --repeats 5 --save rehearsal
  modmirror lab fault run cut \\
      --target-command "mymirror -port {port} -up {upstream}"

A scenario puts an emulated upstream behind a shaper, starts the mirror in front
of it, and asks as a client throughout. Nothing leaves this machine. A mirror of
one's own (--mirror) needs --listen as its upstream, with the checksum database
that serve prints, or none.

演练上游故障：断开、黑洞、变慢、截断、错误证书等，并从客户端测量影响。"""

app = App(name="fault", help_epilogue=TEACH)

_LEAST_SCALE = 0.01


@Parameter(name="*")
@dataclass(frozen=True, slots=True, kw_only=True)
class FaultFlags:
    """With which mirror, and how."""

    mirror: Annotated[
        str, Parameter(help="Running mirror whose only upstream is --listen.", metavar="URL")
    ] = ""
    target_command: Annotated[
        str, Parameter(help="Start this mirror; {port}, {upstream}, {dir} are filled in.", metavar="WORDS")
    ] = ""
    listen: Annotated[
        str, Parameter(help="Where the sick upstream is; port 0 picks one.", metavar="HOST:PORT")
    ] = "127.0.0.1:0"
    second: Annotated[
        bool, Parameter(help="Give the mirror a second upstream that stays well.", negative=())
    ] = False
    repeats: Annotated[int, Parameter(help="How often each is played.", metavar="N")] = 1
    time_scale: Annotated[
        float, Parameter(help="Length of the scenarios' seconds; 0.1 is ten times as fast.", metavar="X")
    ] = 1.0
    max_gap: Annotated[
        float | None, Parameter(help="Fail (exit code 1) above this gap.", metavar="SECONDS")
    ] = None
    max_recover: Annotated[float | None, Parameter(help="Fail above this recovery.", metavar="SECONDS")] = (
        None
    )


DEFAULTS = FaultFlags()


@app.command
def run(
    *scenarios: Annotated[str, Parameter(name="SCENARIO", help="Names, TOML files, or all.")],
    flags: FaultFlags = DEFAULTS,
    options: Options = NO_OPTIONS,
) -> int:
    """Play scenarios and measure what a client notices."""
    from modmirror.cli.lab.session import Task, perform
    from modmirror.lab.fault.measure import NAME, Rehearsals
    from modmirror.lab.fault.rehearsal import Rehearsal

    listen = _checked(flags)
    chosen = tuple(
        Rehearsal(
            scenario=scenario,
            scale=flags.time_scale,
            mirror=flags.mirror,
            command=flags.target_command,
            second=flags.second,
            listen=listen,
        )
        for scenario in _chosen(scenarios)
    )
    task = Task(
        NAME,
        Rehearsals(chosen, flags.repeats),
        lambda result, _: fault_text(result),
        lambda result: failed_thresholds(result, flags.max_gap, flags.max_recover),
    )
    return perform(task, options, ())


@app.command(name="list")
def list_(*, json_: AsJson = False) -> None:
    """List the scenarios that are shipped."""
    from modmirror.lab.fault.scenario import shipped

    if json_:
        print(json.dumps(msgspec.to_builtins(shipped()), ensure_ascii=False, indent=2))
        return
    for scenario in shipped():
        print(f"{scenario.name:<18} {scenario.length:4.0f} s  {scenario.title}")


@app.command
def show(
    scenario: Annotated[str, Parameter(name="SCENARIO", help="Name or TOML file.")],
    /,
    *,
    json_: AsJson = False,
) -> None:
    """Show one scenario: its steps, and what a good mirror does."""
    from modmirror.lab.fault.scenario import find_scenario

    found = find_scenario(scenario)
    if json_:
        print(json.dumps(msgspec.to_builtins(found), ensure_ascii=False, indent=2))
        return
    print(f"{found.name}: {found.title}\n")
    print(f"expected: {found.expect}\n")
    print(f"{0:7.1f} s  all is well")
    for step in found.step:
        details = msgspec.to_builtins(step)
        words = [
            str(details[key]) for key in ("mode", "toxic", "behave", "certificate") if _tells(step.do, key)
        ]
        print(f"{found.before + step.at:7.1f} s  {step.do}  {' '.join(words)}".rstrip())
    print(f"{found.before + found.fault:7.1f} s  all is well again")
    print(f"{found.length:7.1f} s  end")


@app.command
def serve(
    scenario: Annotated[str, Parameter(name="SCENARIO", help="Played once; none: all stays well.")] = "",
    /,
    *,
    listen: Annotated[
        str, Parameter(help="Where the emulated upstream listens.", metavar="HOST:PORT")
    ] = "127.0.0.1:8474",
    seed: Annotated[int, Parameter(help="Of the shares and losses that are drawn.", metavar="N")] = 0,
) -> int:
    """Serve an emulated upstream to a mirror of one's own, until Ctrl-C."""
    import asyncio

    from modmirror.lab.fault.scenario import find_scenario
    from modmirror.lab.fault.standing import stand

    found = find_scenario(scenario) if scenario else None
    asyncio.run(stand(found, _address(listen), seed, lambda line: print(line, flush=True)))
    return 0


def fault_text(result: FaultResult) -> str:
    """Return the numbers of each scenario as a table for a terminal; of several runs, the median."""
    head = f"{'scenario':<18}{'noticed':>9}{'gap':>9}{'stale':>7}{'recovered':>11}{'extra':>7}  back-off"
    lines = [f"mirror: {result.target}", "", head + "        failed"]
    for name, runs in result.scenarios.items():
        lines.append(f"{name:<18}{_row(runs)}")
    lines += [f"{name:<18}SKIPPED: {reason}" for name, reason in result.skipped.items()]
    lines += [
        "",
        "noticed: from the fault to the first error, stale answer or change of source",
        "gap: longest time without a good answer to one kind of request (hits, lists, misses)",
        "recovered: from the end of the fault until all is as before (-: not seen)",
        "extra: what still reached the upstream after the mirror had noticed",
    ]
    return "\n".join(lines)


def _row(runs: Sequence[FaultRun]) -> str:
    failed = sum(not point.ok for each in runs for point in each.points)
    asked = sum(len(each.points) for each in runs)
    wrong = sum(each.wrong for each in runs)
    return (
        f"{_seconds([each.detect for each in runs]):>9}{_seconds([each.gap for each in runs]):>9}"
        f"{_median([each.stale for each in runs]):>7.0f}{_seconds([each.recover for each in runs]):>11}"
        f"{_median([each.overshoot for each in runs]):>7.0f}  {runs[0].backoff:<15} {failed}/{asked}"
        + (f"  {wrong} WITH WRONG BYTES" if wrong else "")
    )


def failed_thresholds(result: FaultResult, gap: float | None, recover: float | None) -> Sequence[str]:
    """Return a sentence for each threshold that was not met. Wrong bytes never pass."""
    failures = []
    for name, runs in result.scenarios.items():
        worst = max(each.gap for each in runs)
        if any(each.wrong for each in runs):
            failures.append(f"{name}: answers with wrong bytes")
        if gap is not None and worst > gap:
            failures.append(f"{name}: {worst:.2f} s without a good answer, more than {gap:g} s")
        if recover is not None and any(each.recover is None or each.recover > recover for each in runs):
            failures.append(f"{name}: not as before within {recover:g} s")
    return failures


def _chosen(names: Sequence[str]) -> tuple[Scenario, ...]:
    from modmirror.lab.fault.scenario import find_scenario, shipped

    if not names:
        raise ConfigError("SCENARIO", "is missing", hint="modmirror lab fault list shows what there is")
    return shipped() if list(names) == ["all"] else tuple(map(find_scenario, names))


def _checked(flags: FaultFlags) -> tuple[str, int]:
    """Return where to listen, if the flags go together. Raises ConfigError."""
    if not _LEAST_SCALE <= flags.time_scale <= 1 / _LEAST_SCALE:
        raise ConfigError("--time-scale", f"{flags.time_scale:g} is not within 0.01 to 100")
    if flags.repeats < 1:
        raise ConfigError("--repeats", f"{flags.repeats} is below 1")
    if flags.second and (flags.mirror or flags.target_command):
        raise ConfigError("--second", "is for the mirror that the lab starts itself")
    host, port = _address(flags.listen)
    if flags.mirror and not port:
        raise ConfigError(
            "--listen", "must name the port that is the mirror's upstream", hint="as in 127.0.0.1:8474"
        )
    return host, port


def _address(text: str) -> tuple[str, int]:
    host, _, port = text.rpartition(":")
    if not host or not port.isdecimal() or int(port) > 65_535:  # noqa: PLR2004 - the largest port
        raise ConfigError("--listen", f'"{text}" is not HOST:PORT', hint="as in 127.0.0.1:8474")
    return host, int(port)


def _tells(action: str, key: str) -> bool:
    return key == {"cut": "mode"}.get(action, action)


def _median(values: Sequence[float]) -> float:
    from statistics import median

    return median(values)


def _seconds(values: Sequence[float | None]) -> str:
    seen = [value for value in values if value is not None]
    return f"{_median(seen):.2f} s" if seen else "-"
