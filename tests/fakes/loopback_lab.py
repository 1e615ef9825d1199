"""The lab with its real engine, for mirrors on loopback that are really asked."""

from __future__ import annotations

import time
from contextlib import AsyncExitStack, asynccontextmanager
from random import Random
from typing import TYPE_CHECKING

from modmirror.lab.bundle import Lab
from modmirror.lab.clock import SystemClock
from modmirror.lab.emulate.mirror import EmulatedMirror
from modmirror.lab.emulate.modules import ModuleSet
from modmirror.lab.emulate.sumdb import EmulatedSumdb
from modmirror.lab.engine.http1 import Http1Engine
from modmirror.lab.engine.names import Names, system_resolve
from modmirror.lab.engine.watch import Watch
from modmirror.lab.politeness import PoliteEngine
from modmirror.lab.progress import Silent
from modmirror.lab.target import Target, parse_target
from tests.fakes.lab import memory_run

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Mapping

    from modmirror.lab.bundle import Clock
    from modmirror.lab.emulate.behaviour import Behaviour


@asynccontextmanager
async def loopback_lab(*targets: Target, seed: int = 1, clock: Clock | None = None) -> AsyncIterator[Lab]:
    """Yield a lab whose samples stay in memory."""
    run = memory_run(targets=targets)
    clock = clock or SystemClock()
    watch = Watch(run.flag)
    wire = Http1Engine(Names(system_resolve, watch.names_changed), watch, clock.now, "test")
    engine = PoliteEngine(wire, clock, time.time)
    try:
        yield Lab(targets, engine, run, Random(seed), clock, Silent(), clock.now())
    finally:
        await engine.close()


@asynccontextmanager
async def emulated(
    behaviours: Mapping[str, Behaviour],
    origin: ModuleSet | None = None,
    clock: Callable[[], float] = time.time,
) -> AsyncIterator[tuple[EmulatedSumdb, tuple[Target, ...]]]:
    """Yield the checksum database and a target for each mirror of one world, by name."""
    modules = origin or ModuleSet.generate(1)
    sumdb = EmulatedSumdb(modules)
    async with AsyncExitStack() as stack:
        targets = []
        for name, behaviour in behaviours.items():
            mirror = EmulatedMirror(modules, behaviour, sumdb=sumdb, clock=clock)
            url = await stack.enter_async_context(mirror.serve())
            targets.append(parse_target(url, name=name))
        yield sumdb, tuple(targets)
