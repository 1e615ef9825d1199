"""From the flags of a verb to a run and an exit code: every measuring verb goes through here.

A run that ends early (Ctrl-C, a full disk) keeps what it has; a run with a flag ends with exit code 2.
"""

from __future__ import annotations

import asyncio
import json
import os
import secrets
import sys
from dataclasses import dataclass
from random import Random
from typing import TYPE_CHECKING, Generic, TypeVar

import msgspec

from modmirror.cli.lab.options import INVALID_RUN, THRESHOLD_FAILED
from modmirror.errors import StorageError
from modmirror.lab.bundle import Lab
from modmirror.lab.clock import SystemClock, today
from modmirror.lab.engine.calibration import calibrate
from modmirror.lab.engine.http1 import Http1Engine
from modmirror.lab.health import drift, watched
from modmirror.lab.opening import open_engine
from modmirror.lab.progress import progress_on
from modmirror.lab.registry import choose, known, read_targets
from modmirror.lab.run.environment import environment
from modmirror.lab.run.folder import RunFolder
from modmirror.lab.run.manifest import Manifest
from modmirror.lab.run.memory import MemoryRun

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from modmirror.cli.lab.options import Options
    from modmirror.lab.bundle import Measurement, Progress
    from modmirror.lab.run.port import Run
    from modmirror.lab.target import Target

R = TypeVar("R", bound=msgspec.Struct)


def _nothing_failed(_: object) -> Sequence[str]:
    return ()


@dataclass(frozen=True, slots=True)
class Task(Generic[R]):
    """What a verb adds to the session."""

    name: str
    """Of the verb, of its measurement and of its stored result."""
    measure: Measurement[R]
    show: Callable[[R, Manifest], str]
    """Result as text for a terminal."""
    failures: Callable[[R], Sequence[str]] = _nothing_failed
    """Thresholds that were not met, one sentence each."""
    so_far: Callable[[Run], R] | None = None
    """Result of a run that was interrupted, from what it has."""


@dataclass(frozen=True, slots=True)
class Resumed:
    """A run that goes on."""

    run: Run
    age: float = 0.0
    """Seconds since it began."""


def chosen_targets(options: Options, mirrors: Sequence[str]) -> tuple[Target, ...]:
    """Return the targets that the command line names. Raises ConfigError."""
    own = read_targets(options.targets, os.environ) if options.targets else ()
    return choose(mirrors, own, known())


def perform(
    task: Task[R], options: Options, targets: tuple[Target, ...], resumed: Resumed | None = None
) -> int:
    """Measure, keep, print. Returns the exit code."""
    if resumed is None:
        seed = secrets.randbelow(1 << 32) if options.seed is None else options.seed
        resumed = Resumed(_begin(task.name, seed, options, targets))
    run = resumed.run
    progress = progress_on(sys.stderr, os.environ, SystemClock().now, quiet=options.json_)
    try:
        result = asyncio.run(_measured(task, resumed, targets, progress))
        run.put_result(task.name, result)
        run.finish("complete")
    except BaseException:
        progress.end()
        _finish_early(task, run)
        raise
    progress.end()
    return _told(task, result, run, options)


def _begin(verb: str, seed: int, options: Options, targets: tuple[Target, ...]) -> Run:
    manifest = Manifest(
        verb=verb,
        seed=seed,
        started=today(),
        targets=tuple(target.entry() for target in targets),
        command=("modmirror", *sys.argv[1:]),
        region=options.region,
        environment=environment(Http1Engine.name),
    )
    if options.save is None:
        return MemoryRun(manifest, today)
    return RunFolder.create(options.save, manifest, today)


async def _measured(task: Task[R], resumed: Resumed, targets: tuple[Target, ...], progress: Progress) -> R:
    run, clock = resumed.run, SystemClock()
    chance = Random(run.manifest.seed)  # noqa: S311 - a seed is there to be repeated
    engine = await open_engine(run, clock)
    try:
        async with watched(run.flag):
            began = clock.now() - resumed.age
            result = await task.measure(Lab(targets, engine, run, chance, clock, progress, began))
        slower = drift(run.manifest.floor, (await calibrate(engine)).median)
        if slower is not None:
            run.flag(slower)
        return result
    finally:
        await engine.close()


def _finish_early(task: Task[R], run: Run) -> None:
    # The state first: it is small, and a full disk may still have room for it.
    _tried(lambda: run.finish("interrupted"))
    so_far = task.so_far
    if so_far is not None:
        _tried(lambda: run.put_result(task.name, so_far(run)))
    if run.place:
        print(f"kept so far: {run.place} (modmirror lab report {run.place})", file=sys.stderr)
    else:
        print("nothing was kept: --save DIR keeps what is there, whatever happens", file=sys.stderr)


def _tried(write: Callable[[], None]) -> None:
    try:
        write()
    except StorageError as error:
        # The reason for the early end is already on its way to the user; this is one more fact.
        print(f"the end was not written: {error.reason}", file=sys.stderr)


def _told(task: Task[R], result: R, run: Run, options: Options) -> int:
    manifest = run.manifest
    failures = list(task.failures(result))
    if options.json_:
        document = {
            "manifest": msgspec.to_builtins(manifest),
            "result": msgspec.to_builtins(result),
            "failures": failures,
        }
        print(json.dumps(document, ensure_ascii=False, indent=2))
    else:
        print(task.show(result, manifest))
    for failure in failures:
        print(f"threshold not met: {failure}", file=sys.stderr)
    for flag in manifest.flags:
        print(f"RUN NOT VALID: {flag.name}: {flag.text}", file=sys.stderr)
    if run.place and not options.json_:
        print(f"kept: {run.place}", file=sys.stderr)
    if not manifest.valid:
        return INVALID_RUN
    return THRESHOLD_FAILED if failures else 0
