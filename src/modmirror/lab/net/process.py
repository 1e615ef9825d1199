"""Links in a process of their own: what they cost must not slow the one who measures through them.

``python -m modmirror.lab.net.process`` reads a :class:`Job`, answers with :class:`Ready`, and keeps the
links up until its input ends. The TCP backend only: its near ends can be reached from any process.
"""

from __future__ import annotations

import asyncio
import signal
import sys
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

import msgspec

from modmirror.lab.child import ANSWER, begin, end, say, told
from modmirror.lab.net.backend import Endpoint  # noqa: TC001 - msgspec reads the annotations
from modmirror.lab.net.choice import LinksOff
from modmirror.lab.net.profile import Topology  # noqa: TC001 - msgspec reads the annotations
from modmirror.lab.net.selftest import LONGEST, check_links
from modmirror.lab.net.shaper import TcpBackend
from modmirror.lab.results.links import LinkCheck  # noqa: TC001 - msgspec reads the annotations

if TYPE_CHECKING:
    from collections.abc import AsyncIterator


class Job(msgspec.Struct, frozen=True):
    """Which links to set up."""

    topology: Topology
    seed: int


class Ready(msgspec.Struct, frozen=True):
    """The links are up, and have been measured."""

    endpoints: tuple[Endpoint, ...]
    """One for each link, in order."""
    checks: tuple[LinkCheck, ...]


@asynccontextmanager
async def linked(topology: Topology, seed: int) -> AsyncIterator[Ready]:
    """Keep links up while the block runs.

    Raises:
        LinksOff: one is not what was asked for.
        ChildGone: their process cannot be talked to.
    """
    process = await begin(__name__)
    try:
        patience = ANSWER + LONGEST * len(topology.profiles)
        ready = msgspec.json.decode(await told(process, Job(topology, seed), patience), type=Ready)
        if not all(check.good for check in ready.checks):
            raise LinksOff(ready.checks)
        yield ready
    finally:
        await end(process)


async def _keep(job: Job) -> None:
    backend = TcpBackend(job.seed)
    try:
        endpoints = await backend.apply(job.topology)
        say(Ready(endpoints, await check_links(backend, job.topology)))
        # Nothing more is asked for: it ends when the input does.
        await asyncio.to_thread(sys.stdin.buffer.read)
    finally:
        await backend.close()


def main() -> None:
    """Read the job, and keep it up."""
    # Ctrl-C is for the program that started this one; it ends the input.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    asyncio.run(_keep(msgspec.json.decode(sys.stdin.buffer.readline(), type=Job)))


if __name__ == "__main__":
    main()
