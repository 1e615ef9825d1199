"""The composition root of the lab: which engine measures, and what stands before it."""

from __future__ import annotations

import time
from importlib.metadata import version
from typing import TYPE_CHECKING

from modmirror.lab.engine.calibration import calibrate
from modmirror.lab.engine.http1 import Http1Engine
from modmirror.lab.engine.names import Names, system_resolve
from modmirror.lab.engine.watch import Watch
from modmirror.lab.politeness import PoliteEngine

if TYPE_CHECKING:
    from modmirror.lab.bundle import Clock
    from modmirror.lab.engine.port import Engine
    from modmirror.lab.run.port import Run


def agent() -> str:
    """Return what servers are told of the one who asks."""
    return f"modmirror-lab/{version('modmirror')} (measures Go module mirrors)"


async def open_engine(run: Run, clock: Clock) -> Engine:
    """Return a polite and calibrated engine; the floor goes into the run's manifest."""
    watch = Watch(run.flag)
    wire = Http1Engine(Names(system_resolve, watch.names_changed), watch, clock.now, agent())
    engine = PoliteEngine(wire, clock, time.time)
    try:
        floor = await calibrate(engine)
        run.describe(floor=dict(floor.median))
    except BaseException:
        await engine.close()
        raise
    return engine
