"""Sets the demonstration up: the emulated world in one process, a real modmirror in another."""

from __future__ import annotations

import shutil
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import msgspec

from modmirror.lab.child import begin, end, told
from modmirror.lab.demo.cast import SUBJECT, world
from modmirror.lab.demo.world import Job, Publish, Ready
from modmirror.lab.emulate.sumdb import EmulatedSumdb
from modmirror.lab.fault.subject import Subject, World
from modmirror.lab.net.selftest import LINKS
from modmirror.lab.run.manifest import Flag
from modmirror.lab.target import parse_target

if TYPE_CHECKING:
    from asyncio.subprocess import Process
    from collections.abc import AsyncIterator, Sequence
    from pathlib import Path

    from modmirror.lab.results.links import LinkCheck
    from modmirror.lab.run.port import Run
    from modmirror.lab.target import Target

_ORDER = ("incomplete", "corrupt", "good", "slow", "stale")
"""Of the upstreams of the mirror in front: the worst ones first, where they can do harm."""


@dataclass(frozen=True, slots=True)
class DemoStage:
    """All that is there to be measured."""

    targets: tuple[Target, ...]
    """The five, and modmirror in front of them."""
    checks: tuple[LinkCheck, ...]
    database: EmulatedSumdb
    """To be believed by its key."""
    database_url: str
    worlds: Process
    seed: int

    @property
    def front(self) -> Target:
        """The modmirror in front of the five."""
        return self.targets[-1]

    def describe(self, run: Run) -> None:
        """Write into a run who is there, and what its links are. One that is off makes the run invalid."""
        run.describe(targets=tuple(target.entry() for target in self.targets))
        run.put_result(LINKS, self.checks)
        bad = [f"{check.region}: {check.note}" for check in self.checks if not check.good]
        if bad:
            run.flag(Flag("link_off", "; ".join(bad)))

    async def publish(self, births: Sequence[Publish]) -> None:
        """Let versions come into the world. Raises ChildGone."""
        await told(self.worlds, tuple(births))


@asynccontextmanager
async def staged(directory: Path, seed: int, stale: float) -> AsyncIterator[DemoStage]:
    """Set everything up, and take it away again. Raises ChildGone, NotStarted."""
    async with AsyncExitStack() as stack:
        process = await begin("modmirror.lab.demo.world")
        stack.push_async_callback(end, process)
        ready = msgspec.json.decode(await told(process, Job(seed, stale)), type=Ready)
        database = EmulatedSumdb(world(seed))
        mirrors = {place.name: _target(place.host, place.port, place.name) for place in ready.places}
        upstreams = tuple(mirrors[name].url for name in _ORDER)
        front = World(directory, upstreams, database, ready.database, wrapper=_mortal())
        subject = Subject(front)
        stack.push_async_callback(subject.stop)
        asked = parse_target(await subject.start(), name=SUBJECT)
        delayed = [
            replace(mirrors[place.name], region=place.region, connect_delay=place.connect_delay)
            for place in ready.places
        ]
        targets = (*delayed, replace(asked, region="here", owned=True))
        yield DemoStage(targets, ready.checks, database, ready.database, process, seed)


def _mortal() -> tuple[str, ...]:
    """Return words that let a process end with this one, even when this one is killed."""
    found = shutil.which("setpriv")
    return (found, "--pdeathsig", "KILL", "--") if found else ()


def _target(host: str, port: int, name: str) -> Target:
    return parse_target(f"http://{host}:{port}", name=name)
