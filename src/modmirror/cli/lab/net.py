"""``modmirror lab net``: emulated regions on one machine."""

from __future__ import annotations

import json
from pathlib import Path  # noqa: TC003 - cyclopts reads the annotations
from typing import TYPE_CHECKING, Annotated

import msgspec
from cyclopts import App, Parameter

from modmirror.cli.flags import AsJson  # noqa: TC001 - cyclopts reads the annotations
from modmirror.errors import ConfigError

if TYPE_CHECKING:
    from modmirror.lab.net.choice import Network
    from modmirror.lab.net.profile import Topology
    from modmirror.lab.results.links import LinkCheck

TEACH = """\
Examples:

  modmirror lab net presets
  modmirror lab net example > net.toml
  modmirror lab net selftest net.toml
  modmirror lab net serve net.toml
  curl -d '{"type":"latency","attributes":{"latency":300}}' \\
      http://127.0.0.1:8474/proxies/berlin/toxics

Every preset is an assumption, not a measurement. A link is measured before it
is used, and refused when it is off by more than 10 % and 2 ms.

在一台机器上模拟多个地区的网络：延迟、抖动、丢包、带宽与中断。"""

app = App(name="net", help_epilogue=TEACH)

BackendName = Annotated[
    str, Parameter(help="Most faithful that passes its test, or by name.", metavar="NAME")
]


@app.command
def presets(*, json_: AsJson = False) -> None:
    """List the profiles that are known by name."""
    from modmirror.lab.net.profile import PRESETS

    if json_:
        print(json.dumps(msgspec.to_builtins(PRESETS), indent=2))
        return
    print(f"{'profile':<16}{'RTT':>8}{'jitter':>9}{'loss':>8}{'down':>9}{'up':>9}   (assumptions)")
    for name, each in PRESETS.items():
        print(
            f"{name:<16}{each.rtt_ms:>5g} ms{each.jitter_ms:>6g} ms{each.loss:>8.2%}"
            f"{each.rate_down:>5g} Mb/s{each.rate_up:>4g} Mb/s".rstrip()
        )


@app.command
def example() -> None:
    """Print a topology to begin with."""
    from modmirror.lab.net.profile import EXAMPLE

    print(EXAMPLE, end="")


@app.command
def backends(*, json_: AsJson = False) -> None:
    """Say which ways of emulating a network there are here."""
    from modmirror.lab.net.choice import BACKENDS

    found = [make(0).capabilities for make in BACKENDS.values()]
    if json_:
        print(json.dumps(msgspec.to_builtins(found), indent=2))
        return
    for each in found:
        print(f"{each.name:<8}{'yes' if each.available else 'no':<5}{each.reason}")


@app.command
def selftest(
    topology: Annotated[Path, Parameter(help="TOML file.", metavar="FILE")],
    /,
    *,
    backend: BackendName = "auto",
    json_: AsJson = False,
) -> int:
    """Set a topology up, measure each of its links, and take it down again."""
    import asyncio

    from modmirror.lab.net.choice import LinksOff
    from modmirror.lab.net.profile import load_topology

    read = load_topology(topology)
    try:
        checks = asyncio.run(_checked(backend, read))
    except LinksOff as error:
        checks = error.checks
    if json_:
        print(json.dumps(msgspec.to_builtins(checks), indent=2))
    else:
        print(checks_text(checks))
    return 0 if all(check.good for check in checks) else 1


@app.command
def serve(
    topology: Annotated[
        Path | None, Parameter(help="TOML file; none: no link yet.", metavar="FILE")
    ] = None,
    /,
    *,
    backend: BackendName = "tcp",
    control: Annotated[
        str, Parameter(help="Where the control API listens (that of toxiproxy).", metavar="HOST:PORT")
    ] = "127.0.0.1:8474",
    seed: Annotated[int, Parameter(help="Of losses and jitter.", metavar="N")] = 0,
) -> int:
    """Keep a topology up until Ctrl-C; with the tcp backend, steered by toxiproxy's clients."""
    import asyncio

    from modmirror.lab.net.profile import load_topology

    read = load_topology(topology) if topology else None
    if read is None and backend != "tcp":
        raise ConfigError("FILE", f"is missing: the {backend} backend needs a topology")
    asyncio.run(_served(read, backend, _control_address(control), seed))
    return 0


def checks_text(checks: tuple[LinkCheck, ...]) -> str:
    """Return what self-tests measured, for a terminal."""
    lines = [f"{'region':<16}{'backend':<9}{'asked':<30}{'measured':<54}verdict"]
    for check in checks:
        asked = ", ".join(f"{key} {value:g}" for key, value in check.asked.items())
        measured = ", ".join(f"{key} {value:g}" for key, value in check.measured.items())
        verdict = "good" if check.good else f"OFF: {check.note}"
        lines.append(f"{check.region:<16}{check.backend:<9}{asked:<30}{measured:<54}{verdict}")
    return "\n".join(lines)


async def _checked(backend: str, topology: Topology) -> tuple[LinkCheck, ...]:
    from modmirror.lab.net.choice import set_up

    network = await set_up(backend, topology)
    await network.backend.close()
    return network.checks


async def _served(topology: Topology | None, backend: str, control: tuple[str, int], seed: int) -> None:
    import asyncio

    from modmirror.lab.net.choice import set_up
    from modmirror.lab.net.control import Control
    from modmirror.lab.net.controlserver import controlled
    from modmirror.lab.net.shaper import TcpBackend

    network = await set_up(backend, topology, seed=seed) if topology else None
    steered = Control(seed)
    try:
        if network is not None and topology is not None:
            print(_endpoints_text(network, topology), flush=True)
            if isinstance(network.backend, TcpBackend):
                steered.proxies = network.backend.proxies()
        if backend == "tcp":
            async with controlled(steered, control) as url:
                print(f"control: {url} (the API of toxiproxy)", flush=True)
                await asyncio.Event().wait()
        await asyncio.Event().wait()
    finally:
        await steered.close()
        if network is not None:
            await network.backend.close()


def _endpoints_text(network: Network, topology: Topology) -> str:
    lines = [checks_text(network.checks), ""]
    for endpoint, link in zip(network.endpoints, topology.links, strict=True):
        line = f"{endpoint.region}: {endpoint.host}:{endpoint.port} leads to {link.host}:{link.port}"
        if endpoint.connect_delay:
            line += f"; wait {endpoint.connect_delay * 1000:g} ms before connecting"
        if endpoint.enter:
            line += f"; run clients with: {' '.join(endpoint.enter)} COMMAND"
        lines.append(line)
    return "\n".join(lines)


def _control_address(text: str) -> tuple[str, int]:
    host, _, port = text.rpartition(":")
    if not host or not port.isdecimal() or int(port) > 65_535:  # noqa: PLR2004 - the largest port
        raise ConfigError("--control", f'"{text}" is not HOST:PORT', hint="as in 127.0.0.1:8474")
    return host, int(port)
