"""Goes through the steps of a study: skips what is done, keeps what is there, whatever ends it."""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import datetime
from random import Random
from typing import TYPE_CHECKING

from modmirror.errors import ConfigError, Error, StorageError
from modmirror.lab.bundle import Lab
from modmirror.lab.engine.calibration import calibrate
from modmirror.lab.health import drift, watched
from modmirror.lab.opening import open_engine
from modmirror.lab.results.events import Event
from modmirror.lab.study.steps import BEGUN, DONE, FAILED, belonging, finished

if TYPE_CHECKING:
    from collections.abc import Sequence

    from modmirror.lab.bundle import Clock, Progress
    from modmirror.lab.engine.port import Engine
    from modmirror.lab.run.folder import RunFolder
    from modmirror.lab.study.steps import Step
    from modmirror.lab.target import Target


@dataclass(frozen=True, slots=True)
class Bench:
    """What every step works with."""

    run: RunFolder
    targets: tuple[Target, ...]
    clock: Clock
    progress: Progress


async def perform(bench: Bench, steps: Sequence[Step]) -> tuple[str, ...]:
    """Make every step that is not done yet. Returns why some could not be made.

    Raises:
        ConfigError, StorageError: the study cannot go on; what it has is kept.
    """
    done = finished(bench.run.events())
    left = [step for step in steps if step.name not in done]
    for step in steps:
        if step.name in done:
            bench.progress.note(f"{step.name}: is there already")
    if not left:
        return ()
    engine = await open_engine(bench.run, bench.clock)
    try:
        problems = [
            await _made(bench, step, engine, f"{number} of {len(left)}")
            for number, step in enumerate(left, 1)
        ]
        slower = drift(bench.run.manifest.floor, (await calibrate(engine)).median)
        if slower is not None:
            bench.run.flag(slower)
    finally:
        await engine.close()
    return tuple(filter(None, problems))


async def _made(bench: Bench, step: Step, engine: Engine, place: str) -> str:
    """Make one step. Returns why it could not be made, or nothing."""
    run = bench.run
    if step.again:
        run.set_aside(step.again, belonging(run.events(), step.name))
    bench.progress.note(f"[{place}] {step.title}")
    lab = _lab(bench, step, engine)
    run.event(Event(lab.elapsed, BEGUN, step.name))
    try:
        # The report makes what is interrupted from its samples: nothing is to be done for it here.
        async with watched(run.flag):
            result = await step.measure(lab)
    except (ConfigError, StorageError):
        raise
    except Error as error:
        text = f"{step.name}: {error.reason}"
        run.event(Event(lab.elapsed, FAILED, text))
        bench.progress.note(f"could not be measured: {text}")
        return text
    bench.progress.end()
    run.put_result(step.name, result)
    run.event(Event(lab.elapsed, DONE, step.name))
    return ""


def _lab(bench: Bench, step: Step, engine: Engine) -> Lab:
    manifest = bench.run.manifest
    # Each step has its own draws: they are the same whether or not the steps before were skipped.
    chance = Random(f"{manifest.seed} {step.name}")  # noqa: S311 - a seed is there to be repeated
    targets = bench.targets if step.targets is None else step.targets
    began = bench.clock.now() - _since(manifest.started)
    return Lab(targets, engine, bench.run, chance, bench.clock, bench.progress, began)


def _since(started: str) -> float:
    """Return seconds since the study began, in whichever process that was."""
    return max(0.0, time.time() - datetime.fromisoformat(started).timestamp())
