"""Clients that ask on time whatever the answers do (open loop), and keep what they got."""

from __future__ import annotations

import asyncio
import random
import time
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Literal, TypeAlias

from pyreqwest.client import ClientBuilder
from pyreqwest.exceptions import PyreqwestError

from bench.outage.content import WARM, new, warm
from tests.fakes.endless import VERSION, body_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from pyreqwest.client import Client

PATIENCE = 10.0
"""Seconds after which a client gives up."""
Kind: TypeAlias = Literal["hit", "list", "miss"]
Outcome: TypeAlias = Literal["ok", "wrong", "refused", "broken", "timeout"]
"""``wrong``: a whole answer with other bytes than the upstream's. ``refused``: an error status."""
_MIX: tuple[tuple[Kind, float], ...] = (("hit", 0.4), ("list", 0.27), ("miss", 0.33))
_EXTENSIONS = ("info", "mod", "zip")
_OK = 200


@dataclass(frozen=True, slots=True)
class Planned:
    """A request that clients will send."""

    at: float
    """Seconds from the beginning."""
    kind: Kind
    path: str


@dataclass(frozen=True, slots=True)
class Sample:
    """What became of it."""

    at: float
    kind: Kind
    path: str
    outcome: Outcome
    seconds: float
    """From the moment when it was due: what a late start costs is part of it."""


def plan(seconds: float, rate: float, seed: int) -> tuple[Planned, ...]:
    """Return who asks for what, when: hits, lists, and files that nobody has asked for."""
    chance = random.Random(seed)
    made: list[Planned] = []
    at, fresh = 0.0, 0
    while (at := at + chance.expovariate(rate)) < seconds:
        kind = chance.choices([kind for kind, _ in _MIX], [share for _, share in _MIX])[0]
        module = warm(chance.randrange(WARM))
        what = "list" if kind == "list" else f"{VERSION}.{chance.choice(_EXTENSIONS)}"
        if kind == "miss":
            module, fresh = new(fresh), fresh + 1
        made.append(Planned(at, kind, f"{module}/@v/{what}"))
    return tuple(made)


async def prime(urls: Mapping[str, str]) -> None:
    """Ask everybody for everything warm, once. Raises RuntimeError when somebody fails already."""
    names = [f"{VERSION}.{extension}" for extension in _EXTENSIONS] + ["list"]
    paths = [f"{warm(number)}/@v/{name}" for number in range(WARM) for name in names]
    async with ClientBuilder().no_proxy().build() as client:
        for name, url in urls.items():
            asked = await asyncio.gather(*(_ask(client, url, Planned(0.0, "hit", path)) for path in paths))
            bad = [sample for sample in asked if sample.outcome != "ok"]
            if bad:
                raise RuntimeError(f"{name}: {len(bad)} of {len(asked)} warm files failed, first {bad[0]}")


async def run(
    urls: Mapping[str, str], planned: Sequence[Planned], begin: float
) -> dict[str, tuple[Sample, ...]]:
    """Send everything to everybody when it is due; ``begin`` is a monotonic instant."""
    tasks: dict[str, list[asyncio.Task[Sample]]] = {name: [] for name in urls}
    async with ClientBuilder().no_proxy().build() as client:
        for one in planned:
            await asyncio.sleep(max(0.0, begin + one.at - time.monotonic()))
            for name, url in urls.items():
                tasks[name].append(asyncio.create_task(_ask(client, url, one, begin + one.at)))
        return {name: tuple(await asyncio.gather(*own)) for name, own in tasks.items()}


async def _ask(client: Client, url: str, planned: Planned, due: float | None = None) -> Sample:
    begin = time.monotonic() if due is None else due
    outcome: Outcome
    try:
        async with asyncio.timeout(PATIENCE):
            request = client.get(f"{url}/{planned.path}").timeout(timedelta(seconds=PATIENCE + 1)).build()
            response = await request.send()
            body = bytes(await response.bytes())
    except TimeoutError:
        outcome = "timeout"
    except PyreqwestError:
        outcome = "broken"
    else:
        outcome = _judged(response.status, body, planned.path)
    return Sample(planned.at, planned.kind, planned.path, outcome, time.monotonic() - begin)


def _judged(status: int, body: bytes, path: str) -> Outcome:
    if status != _OK:
        return "refused"
    return "ok" if body == body_of(path) else "wrong"
