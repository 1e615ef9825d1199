"""The lab's load generator against wrk: as many clients that ask for the same file in closed loops.

Below the knee, an answer takes longer than either generator does: both must find the same rate. At the
knee, generator and server compete for the same CPUs: the ratio tells what the generator itself costs.
"""

from __future__ import annotations

import asyncio
from hashlib import sha256
from typing import TYPE_CHECKING
from urllib.request import urlopen

from bench.load import wrk
from bench.material import HOT, VERSION
from bench.result import FOR_INFORMATION, Bar, Result, ratios
from modmirror.lab.emulate.behaviour import Behaviour
from modmirror.lab.load.crew import crew, soon
from modmirror.lab.load.job import Ask, Job, Place
from modmirror.lab.load.mix import payload_of
from modmirror.lab.target import parse_target
from tests.fakes.loopback_lab import emulated
from tests.fakes.own_thread import in_own_thread

if TYPE_CHECKING:
    from bench.rig import Rig

CONNECTIONS = 8
DELAY = 0.003
"""Seconds that the slow server takes: far more than sending and reading."""
MADE_UP = "example.com/lab/text/@v/v1.0.0.info"
BAR = Bar(0.9)


def measure(rig: Rig) -> list[Result]:
    """Compare requests a second below the knee, and at it."""
    with in_own_thread(emulated({"slow": Behaviour(delay=DELAY)})) as (_, (slow,)):
        below = _row(rig, "load generator / wrk, below the knee", slow.url, MADE_UP, BAR)
    hot = f"{HOT}/@v/{VERSION}.info"
    return [below, _row(rig, "load generator / wrk, at the knee", rig.mirror.url, hot, FOR_INFORMATION)]


def _row(rig: Rig, title: str, base: str, path: str, bar: Bar) -> Result:
    url = f"{base}/{path}"
    with urlopen(url) as answer:  # noqa: S310 - our own URL
        body = answer.read()
    target = parse_target(base)
    ask = Ask(payload_of(target, path), len(body), sha256(body).hexdigest())
    place = Place(target.host, target.port)

    def by_wrk() -> float:
        requests, seconds = wrk(url, CONNECTIONS, rig.seconds)
        return requests / seconds

    def by_ours() -> float:
        return asyncio.run(_ours(place, ask, rig.seconds))

    rates = rig.interleave(title, {"ours": by_ours, "wrk": by_wrk})
    details = {f"{name} requests/s": values for name, values in rates.items()}
    return Result(title, "x", bar, ratios(rates["ours"], rates["wrk"]), "closed loops", details)


async def _ours(place: Place, ask: Ask, seconds: float) -> float:
    async with crew(1) as workers:
        job = Job(
            place=place,
            asks=(ask,),
            loop="closed",
            begin=soon(),
            seconds=seconds,
            seed=0,
            connections=CONNECTIONS,
            timeout=10.0,
        )
        merged = await workers.do([job])
    if merged.errors:
        raise RuntimeError(f"the load generator met {dict(merged.errors)}")
    return merged.answered / seconds
