"""``lab doctor``: whether this machine can measure, and what the client itself costs here."""

from __future__ import annotations

import os
import shutil
import time
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from msgspec import Struct

from modmirror.lab.engine.calibration import calibrate

if TYPE_CHECKING:
    from modmirror.lab.bundle import Lab

_LAGS = 200
_STEP = 0.01
_HEAVY_LOAD = 0.7
"""Share of the processors that others may use before numbers suffer."""
_COARSE = 1e-6
"""Seconds: a clock of larger steps cannot time the phases of a near server."""
_TOOLS = {
    "go": "whole builds with the real go command",
    "wrk": "cross-check of the load generator",
    "tc": "emulated links by netem, where the kernel has it",
    "nginx": "a server to compare with",
}


class Ability(Struct, frozen=True):
    """One thing that may be there or not."""

    name: str
    there: bool
    use: str


class DoctorResult(Struct, frozen=True):
    """What this machine can do."""

    floor: dict[str, float]
    """Median seconds of each phase at a server that does nothing."""
    noise: dict[str, float]
    """Median absolute deviation of the same."""
    lag: float
    """Seconds by which the event loop was late, 99th percentile."""
    load: float
    """Runnable processes by processor, over the last minute."""
    cores: int
    abilities: tuple[Ability, ...]
    advice: tuple[str, ...] = ()


async def examine(lab: Lab) -> DoctorResult:
    """Calibrate, look at the clock and the processors, and at the tools that are there."""
    floor = await calibrate(lab.engine)
    lag = await _lag(lab)
    cores = len(os.sched_getaffinity(0))
    load = os.getloadavg()[0] / cores
    return DoctorResult(
        floor=dict(floor.median),
        noise=dict(floor.mad),
        lag=lag,
        load=load,
        cores=cores,
        abilities=abilities(),
        advice=advice(load, cores, time.get_clock_info("monotonic").resolution),
    )


def abilities() -> tuple[Ability, ...]:
    """Return what the lab can use of what is installed."""
    tun = Path("/dev/net/tun")
    return (
        *(Ability(name, shutil.which(name) is not None, use) for name, use in _TOOLS.items()),
        Ability("uvloop", find_spec("uvloop") is not None, "a load generator that costs less"),
        Ability("/dev/net/tun", os.access(tun, os.R_OK | os.W_OK), "emulated links with real handshakes"),
    )


def advice(load: float, cores: int, resolution: float) -> tuple[str, ...]:
    """Return what to change before measuring; nothing when all is well."""
    found = []
    if load > _HEAVY_LOAD:
        found.append(f"others use this machine (load {load:.1f} a processor): wait, or pin the lab apart")
    if cores == 1:
        found.append("one processor: a server on this machine would compete with the client")
    if resolution > _COARSE:
        found.append(f"the clock ticks in steps of {resolution * 1e6:.0f} µs: short phases mean little")
    return tuple(found)


async def _lag(lab: Lab) -> float:
    late = []
    for _ in range(_LAGS):
        due = lab.clock.now() + _STEP
        await lab.clock.sleep_until(due)
        late.append(lab.clock.now() - due)
    return sorted(late)[int(_LAGS * 0.99)]
