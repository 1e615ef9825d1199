"""The workers of the load generator: processes of their own, each on a processor of its own if possible."""

from __future__ import annotations

import asyncio
import os
import sys
import time
from contextlib import asynccontextmanager, suppress
from typing import TYPE_CHECKING

import msgspec

from modmirror.errors import Error
from modmirror.lab.load.job import Counted, Merged

if TYPE_CHECKING:
    from asyncio.subprocess import Process
    from collections.abc import AsyncIterator, Sequence

    from modmirror.lab.load.job import Job

_LINE_BYTES = 1 << 24
"""A line holds four histograms, or all requests of a mix."""
_START = 30.0
"""Seconds that a worker may take to start and to connect, on a busy machine."""
HEAD_START = 0.3
"""Seconds from the giving of a job to its first request: connections are opened in the meantime."""


class WorkerLost(Error):
    """A process of the load generator ended, or stands still."""


class Crew:
    """Does jobs with all workers at once. Made by :func:`crew`."""

    def __init__(self, workers: Sequence[Process]) -> None:
        self._workers = workers
        self._decoder = msgspec.json.Decoder(Counted)

    def __len__(self) -> int:
        return len(self._workers)

    async def do(self, jobs: Sequence[Job]) -> Merged:
        """Give each worker its job and merge what they counted. Raises WorkerLost."""
        counted = await asyncio.gather(*map(self._do, self._workers, jobs))
        merged = Merged()
        for each in counted:
            merged.add(each)
        return merged

    async def _do(self, worker: Process, job: Job) -> Counted:
        assert worker.stdin  # noqa: S101  # it is a pipe
        worker.stdin.write(msgspec.json.encode(job) + b"\n")
        with suppress(ConnectionError):  # its end is told below
            await worker.stdin.drain()
        line = await _line(worker, job.seconds + job.timeout)
        return self._decoder.decode(line)


async def _line(worker: Process, seconds: float = 0.0) -> bytes:
    """Return what a worker says next, within so many seconds and some to spare. Raises WorkerLost."""
    assert worker.stdout  # noqa: S101  # it is a pipe
    try:
        async with asyncio.timeout(seconds + _START):
            line = await worker.stdout.readline()
    except TimeoutError as error:
        raise WorkerLost("a process of the load generator stands still") from error
    if not line:
        raise WorkerLost("a process of the load generator has ended", hint="look above for what it said")
    return line


@asynccontextmanager
async def crew(size: int) -> AsyncIterator[Crew]:
    """Start so many workers, and end them with the block."""
    workers: list[Process] = []
    try:
        for processor in processors(size, sorted(os.sched_getaffinity(0))):
            workers.append(  # noqa: PERF401  # those that were started are to be ended, whatever happens
                await asyncio.create_subprocess_exec(
                    sys.executable, "-m", "modmirror.lab.load.worker", *processor,
                    stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, limit=_LINE_BYTES,
                )
            )  # fmt: skip
        await asyncio.gather(*map(_line, workers))  # that they are ready
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
