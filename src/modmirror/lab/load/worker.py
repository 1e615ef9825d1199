"""A process of the load generator: ``python -m modmirror.lab.load.worker [CPU]``.

Writes a line when it is ready. Then it reads a job from each line of standard input, does it, and writes
what it counted as one line. It ends with its input.
"""

from __future__ import annotations

import asyncio
import gc
import os
import signal
import sys
import time
from random import Random
from typing import TYPE_CHECKING

import msgspec
import uvloop

from modmirror.lab.load.closedloop import ClosedLoop
from modmirror.lab.load.job import Counted, Job
from modmirror.lab.load.lanes import Lanes
from modmirror.lab.load.openloop import OpenLoop
from modmirror.lab.load.tally import Tally
from modmirror.lab.pacer import instants

if TYPE_CHECKING:
    from collections.abc import Sequence

    from modmirror.lab.load.job import Ask

READY = b"ready\n"
"""What is written first: a job that is given before would begin late."""


def main(arguments: Sequence[str]) -> None:
    """Work until the input ends. One argument: the processor to stay on."""
    # Ctrl-C is for the program that started this one; it ends the input.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    if arguments:
        os.sched_setaffinity(0, {int(arguments[0])})
    decoder = msgspec.json.Decoder(Job)
    sys.stdout.buffer.write(READY)
    sys.stdout.buffer.flush()
    for line in sys.stdin.buffer:
        counted = uvloop.run(perform(decoder.decode(line)))
        sys.stdout.buffer.write(msgspec.json.encode(counted) + b"\n")
        sys.stdout.buffer.flush()


async def perform(job: Job) -> Counted:
    """Do one worker's part of one step."""
    tally = Tally()
    lanes = Lanes(job.place, job.timeout, time.monotonic)
    cpu = time.process_time()
    with tally.watching_pauses(time.monotonic):
        if job.loop == "closed":
            closed = ClosedLoop(lanes, tally, time.monotonic, job.asks)
            await closed.run(job.connections, job.begin, job.seconds)
        else:
            plan = planned(job)
            # A plan is many objects that live to the end: the collector need not look at them again.
            gc.freeze()
            cpu = time.process_time()
            opened = OpenLoop(lanes, tally, time.monotonic, most=job.connections, timeout=job.timeout)
            await opened.run(plan)
    seconds = max(job.seconds, time.monotonic() - job.begin)
    return tally.counted(cpu=time.process_time() - cpu, seconds=seconds)


def planned(job: Job) -> list[tuple[float, Ask]]:
    """Return when to send what. The same seed gives the same plan."""
    chance = Random(job.seed)  # noqa: S311 - a plan that can be repeated
    begin = job.begin + job.offset
    return [
        (begin + instant, chance.choice(job.asks))
        for instant in instants(job.arrivals, job.rate, job.seconds, chance)
    ]


if __name__ == "__main__":
    try:
        main(sys.argv[1:])
    except (BrokenPipeError, asyncio.CancelledError):
        sys.exit(1)  # whoever gave the jobs is gone
