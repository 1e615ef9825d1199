"""The emulated world, as a process of its own: what mirrors do must not slow the one who measures.

``python -m modmirror.lab.demo.world`` reads a :class:`Job`, answers with :class:`Ready`, then publishes
whatever each further line names. It ends with its input, so that it never outlives who started it.
"""

from __future__ import annotations

import asyncio
import signal
import sys
from contextlib import AsyncExitStack
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import msgspec

from modmirror.lab.child import say
from modmirror.lab.demo.cast import cast, profile, world
from modmirror.lab.emulate.mirror import EmulatedMirror
from modmirror.lab.emulate.sumdb import EmulatedSumdb
from modmirror.lab.net.profile import Link, Topology
from modmirror.lab.net.selftest import check_links
from modmirror.lab.net.shaper import TcpBackend
from modmirror.lab.results.links import LinkCheck  # noqa: TC001 - msgspec reads the annotations
from modmirror.mod.path import check_path

if TYPE_CHECKING:
    from modmirror.lab.emulate.modules import ModuleSet


class Job(msgspec.Struct, frozen=True):
    """What world to make."""

    seed: int
    stale: float


class Place(msgspec.Struct, frozen=True):
    """Where one mirror is reached, through its region's link."""

    name: str
    region: str
    host: str
    port: int
    connect_delay: float


class Ready(msgspec.Struct, frozen=True):
    """The world is up."""

    places: tuple[Place, ...]
    checks: tuple[LinkCheck, ...]
    database: str
    """URL of the checksum database, which nothing is wrong with."""


class Publish(msgspec.Struct, frozen=True):
    """A version that exists from a Unix time on."""

    module: str
    version: str
    at: float


async def play(job: Job) -> None:
    """Run the world until the input ends."""
    modules = world(job.seed)
    database = EmulatedSumdb(modules)
    parts = cast(job.stale)
    async with AsyncExitStack() as stack:
        mirrors = [
            EmulatedMirror(modules, part.behaviour, sumdb=database, seed=number)
            for number, part in enumerate(parts)
        ]
        urls = [urlsplit(await stack.enter_async_context(mirror.serve())) for mirror in mirrors]
        steady = await stack.enter_async_context(EmulatedMirror(modules, sumdb=database).serve())
        backend = TcpBackend(job.seed)
        stack.push_async_callback(backend.close)
        topology = Topology(
            tuple(
                Link(region=part.region, host="127.0.0.1", port=url.port or 0, profile=profile(part.region))
                for part, url in zip(parts, urls, strict=True)
            )
        )
        endpoints = await backend.apply(topology)
        places = tuple(
            Place(part.role, part.region, end.host, end.port, end.connect_delay)
            for part, end in zip(parts, endpoints, strict=True)
        )
        checks = await check_links(backend, topology)
        say(Ready(places, checks, f"{steady}/sumdb/{database.name}"))
        await _publish(modules)


async def _publish(modules: ModuleSet) -> None:
    """Publish what the input names, until it ends."""
    while line := await asyncio.to_thread(sys.stdin.buffer.readline):
        births = msgspec.json.decode(line, type=tuple[Publish, ...])
        for birth in births:
            modules.publish(check_path(birth.module), birth.version, birth.at)
        say(births)


def main() -> None:
    """Read the job, and play."""
    # Ctrl-C is for the program that started this one; it ends the input.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    asyncio.run(play(msgspec.json.decode(sys.stdin.buffer.readline(), type=Job)))


if __name__ == "__main__":
    main()
