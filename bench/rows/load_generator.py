"""The lab's load generator against wrk: the same clients, the same file, neither of them the bottleneck."""

from __future__ import annotations

import asyncio
from hashlib import sha256
from typing import TYPE_CHECKING
from urllib.request import urlopen

from bench.load import wrk
from bench.material import HOT, VERSION
from bench.result import Bar, Result, ratios
from modmirror.lab.load.crew import crew, soon
from modmirror.lab.load.job import Ask, Job, Place
from modmirror.lab.load.mix import payload_of
from modmirror.lab.target import parse_target

if TYPE_CHECKING:
    from bench.rig import Rig

CONNECTIONS = 8
"""Few: below the knee it is the server that decides how much is answered."""
BAR = Bar(0.9)


def measure(rig: Rig) -> list[Result]:
    """Compare requests a second of two closed loops."""
    path = f"{HOT}/@v/{VERSION}.info"
    url = f"{rig.mirror.url}/{path}"
    with urlopen(url) as answer:  # noqa: S310 - our own URL
        body = answer.read()
    target = parse_target(rig.mirror.url)
    ask = Ask(payload_of(target, path), len(body), sha256(body).hexdigest())
    place = Place(target.host, target.port)

    def by_wrk() -> float:
        requests, seconds = wrk(url, CONNECTIONS, rig.seconds)
        return requests / seconds

    def by_ours() -> float:
        return asyncio.run(_ours(place, ask, rig.seconds))

    rates = rig.interleave("load generator", {"ours": by_ours, "wrk": by_wrk})
    details = {f"{name} requests/s": values for name, values in rates.items()}
    return [Result("load generator / wrk", "x", BAR, ratios(rates["ours"], rates["wrk"]), "", details)]


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
