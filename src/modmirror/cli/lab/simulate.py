"""``modmirror lab simulate``: how policies of routing would have fared."""

from __future__ import annotations

import math
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import msgspec
from cyclopts import App, Parameter

from modmirror.cli.flags import AsJson  # noqa: TC001 - cyclopts reads the annotations
from modmirror.cli.lab.columns import table
from modmirror.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from modmirror.lab.simulate.run import Result
    from modmirror.lab.simulate.scenario import Scenario

TEACH = """\
Examples:

  modmirror lab simulate --list
  modmirror lab simulate main flapping
  modmirror lab simulate main --policy measured --seeds 20 --json
  modmirror lab simulate access.log
  modmirror lab simulate access.log --sites all-down

Minutes of traffic pass in a second, with the very router that the mirror uses.
Regret is what clients waited longer in an hour than if each had been sent to
whoever was fastest at that moment.

在虚拟时间中重放场景或访问日志，比较各路由策略的延迟、失败、额外负载与遗憾值。"""

app = App(name="simulate", help_epilogue=TEACH)

_HEAD = ("scenario", "policy", "requests", "failed", "mean", "P50", "P95", "P99", "extra load", "regret")
_MOST_SEEDS = 1000


@app.default
def simulate(
    *scenarios: Annotated[
        str, Parameter(name="SCENARIO", help="Name, TOML file, or access log. None: main.")
    ],
    policy: Annotated[
        tuple[str, ...],
        Parameter(help="Only this one; repeat it for several.", metavar="NAME", negative=()),
    ] = (),
    seeds: Annotated[int, Parameter(help="Runs of each; the median is shown.", metavar="N")] = 5,
    sites: Annotated[
        str, Parameter(help="Whom the clients of an access log ask instead.", metavar="SCENARIO")
    ] = "",
    list_: Annotated[bool, Parameter(name="--list", help="List what is shipped.", negative=())] = False,
    show: Annotated[str, Parameter(help="Print a shipped scenario as a file.", metavar="SCENARIO")] = "",
    json_: AsJson = False,
) -> None:
    """Replay scenarios or access logs with policies of routing, and say what clients waited."""
    from modmirror.lab.simulate.run import simulate_seeds
    from modmirror.lab.simulate.shipped import shipped, text_of

    if list_:
        print(
            "\n".join(f"{each.name:<18} {each.seconds:4.0f} s  {each.title}" for each in shipped().values())
        )
        return
    if show:
        print(text_of(show), end="")
        return
    policies = _policies(policy)
    if not 1 <= seeds <= _MOST_SEEDS:
        raise ConfigError("--seeds", f"{seeds} is not within 1 to {_MOST_SEEDS}")
    chosen = [_found(name, sites) for name in scenarios or ("main",)]
    results = [
        simulate_seeds(scenario, name, range(1, seeds + 1)) for scenario in chosen for name in policies
    ]
    print(_json(results, seeds) if json_ else simulation_text(results, seeds))


def simulation_text(results: Sequence[Result], seeds: int) -> str:
    """Return a table, one row for each scenario and policy."""
    rows = [_HEAD, *(_row(result) for result in results)]
    return f"{table(rows)}\n\nmedian of {seeds} runs; regret in seconds of waiting for each hour of traffic"


def _row(result: Result) -> tuple[str, ...]:
    times = (result.mean, result.p50, result.p95, result.p99)
    return (
        result.scenario,
        result.policy,
        f"{result.requests:.0f}",
        f"{result.failed:.0f}",
        *("–" if math.isinf(seconds) else f"{1000 * seconds:.0f} ms" for seconds in times),
        f"{result.extra:+.1%}",
        f"{result.regret:.0f} s/h",
    )


def _json(results: Sequence[Result], seeds: int) -> str:
    told = {"seeds": seeds, "results": [asdict(result) for result in results]}
    return msgspec.json.format(msgspec.json.encode(told), indent=2).decode()


def _policies(names: Sequence[str]) -> Sequence[str]:
    from modmirror.lab.simulate.policies import POLICIES

    for name in names:
        if name not in POLICIES:
            raise ConfigError(
                "--policy", f'there is no policy "{name}"', hint=f"known: {', '.join(POLICIES)}"
            )
    return names or list(POLICIES)


def _found(name: str, sites: str) -> Scenario:
    from modmirror.lab.simulate.replay import scenario_of
    from modmirror.lab.simulate.shipped import find_scenario

    file = Path(name)
    if name.endswith(".toml") or not file.is_file():
        if sites:
            raise ConfigError("--sites", f"{name} is no access log: a scenario has sites of its own")
        return find_scenario(name)
    try:
        with file.open("rb") as lines:
            return scenario_of(lines, file.name, find_scenario(sites).sites if sites else ())
    except OSError as error:
        raise ConfigError("SCENARIO", f"{name} cannot be read: {error.strerror}") from error
