"""The workers of the load generator: processes of their own, each on a processor of its own if possible."""

from __future__ import annotations

import asyncio
import os
import time
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

import msgspec

from modmirror.lab.child import begin, heard, told
from modmirror.lab.load.job import Counted, Merged

if TYPE_CHECKING:
    from asyncio.subprocess import Process
    from collections.abc import AsyncIterator, Sequence

    from modmirror.lab.load.job import Job

_START = 30.0
"""Seconds that a worker may take to start and to connect, on a busy machine."""
HEAD_START = 0.3
"""Seconds from the giving of a job to its first request: connections are opened in the meantime."""


class Crew:
    """Does jobs with all workers at once. Made by :func:`crew`."""

    def __init__(self, workers: Sequence[Process]) -> None:
        self._workers = workers
        self._decoder = msgspec.json.Decoder(Counted)

    def __len__(self) -> int:
        return len(self._workers)

    async def do(self, jobs: Sequence[Job]) -> Merged:
        """Give each worker its job and merge what they counted. Raises ChildGone."""
        counted = await asyncio.gather(*map(self._do, self._workers, jobs))
        merged = Merged()
        for each in counted:
            merged.add(each)
        return merged

    async def _do(self, worker: Process, job: Job) -> Counted:
        return self._decoder.decode(await told(worker, job, job.seconds + job.timeout + _START))


@asynccontextmanager
async def crew(size: int) -> AsyncIterator[Crew]:
    """Start so many workers, and end them with the block, whatever they do. Raises ChildGone."""
    workers: list[Process] = []
    try:
        for processor in processors(size, sorted(os.sched_getaffinity(0))):
            # Those that were started are to be ended, whatever happens.
            workers.append(await begin("modmirror.lab.load.worker", *processor))  # noqa: PERF401
        await asyncio.gather(*(heard(worker, _START) for worker in workers))  # that they are ready
        yield Crew(workers)
    finally:
        for worker in workers:
            if worker.returncode is None:
                worker.kill()
            await worker.wait()


def processors(size: int, available: Sequence[int]) -> list[tuple[str, ...]]:
    """Return the arguments of each worker: the last processors, as servers tend to the first ones.

    With one processor, or fewer than workers and one to spare, nobody is told to stay anywhere.
    """
    if size >= len(available):
        return [()] * size
    return [(str(cpu),) for cpu in reversed(available[-size:])]


def soon() -> float:
    """Return the instant at which a job that is given now may begin."""
    return time.monotonic() + HEAD_START
