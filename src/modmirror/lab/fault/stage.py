"""The stage of a rehearsal: an emulated upstream behind a shaper, and the levers of every kind of fault."""

from __future__ import annotations

from contextlib import AsyncExitStack, asynccontextmanager
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from modmirror.lab.emulate.behaviour import Behaviour, parse_behaviour
from modmirror.lab.emulate.mirror import EmulatedMirror
from modmirror.lab.emulate.modules import ModuleSet
from modmirror.lab.emulate.sumdb import EmulatedSumdb
from modmirror.lab.fault.certificates import Authority
from modmirror.lab.fault.names import HOST, Names
from modmirror.lab.net.tcp import TcpProxy
from modmirror.lab.net.toxics import make_toxic

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from modmirror.lab.fault.scenario import Step, Wire


class Stage:
    """Everything around the mirror. ``sick`` stands behind the shaper; ``steady`` is always well."""

    def __init__(self, directory: Path, wire: Wire, seed: int, listen: tuple[str, int]) -> None:
        # Always the same files and the same key: a mirror that stays up over many rehearsals would
        # take other bytes under known names for a fault.
        self.modules = ModuleSet.generate()
        self.sumdb = EmulatedSumdb(self.modules)
        self.sick = EmulatedMirror(self.modules, sumdb=self.sumdb, seed=seed)
        self.steady = EmulatedMirror(self.modules, sumdb=self.sumdb, seed=seed)
        self.proxy = TcpProxy("upstream", ("127.0.0.1", 0), listen=listen, seed=seed)
        self.authority = Authority(directory) if wire == "https" else None
        self.names = Names(directory) if wire == "named" else None
        self.steady_url = ""

    @property
    def url(self) -> str:
        """Where the mirror reaches the sick upstream."""
        scheme = "https" if self.authority else "http"
        host = HOST if self.names else self.proxy.listen[0]
        return f"{scheme}://{host}:{self.proxy.listen[1]}"

    @property
    def sumdb_url(self) -> str:
        """Where the checksum database is: no fault concerns it."""
        return f"{self.steady_url}/sumdb/{self.sumdb.name}"

    async def take(self, step: Step) -> None:
        """Do what a step says."""
        match step.do:
            case "cut":
                await self.proxy.cut(step.mode)
            case "heal":
                await self.proxy.heal()
            case "toxic":
                self.proxy.put(make_toxic(step.toxic))
            case "behave":
                self.sick.behaviour = parse_behaviour(step.behave)
            case "certificate" if self.authority is not None:
                self.authority.use(step.certificate)
                # Who is connected already would never look at it.
                self.proxy.reset()
            case "names" if self.names is not None:
                self.names.fail()
                self.proxy.reset()
            case _:
                # The scenario was checked against its wire, and flaps were expanded.
                raise AssertionError(step)

    async def heal(self) -> None:
        """Undo every step."""
        self.sick.behaviour = Behaviour()
        self.proxy.replace(())
        await self.proxy.heal()
        if self.authority is not None:
            self.authority.use("good")
        if self.names is not None:
            self.names.heal()
        # What was left without an answer would wait for ever; all other connections are well again.
        self.sick.drop_hanging()

    def arrivals(self, begin: float, end: float) -> list[float]:
        """Return the monotonic instants within the fault when something reached the sick upstream.

        Requests where they got through; connections where a cut let nothing else arrive.
        """
        requests = [each.at for each in self.sick.arrivals if begin <= each.at < end]
        connections = [at for at in self.proxy.arrivals if begin <= at < end]
        return max(requests, connections, key=len)


@asynccontextmanager
async def staged(
    directory: Path, wire: Wire, *, seed: int = 0, listen: tuple[str, int] = ("127.0.0.1", 0)
) -> AsyncIterator[Stage]:
    """Set the stage, and take it away again. Raises ConfigError, and NotPermitted for names."""
    stage = Stage(directory, wire, seed, listen)
    if stage.names is not None:
        stage.names.check()
    async with AsyncExitStack() as stack:
        tls = stage.authority.context if stage.authority else None
        sick_url = await stack.enter_async_context(stage.sick.serve(tls=tls))
        stage.steady_url = await stack.enter_async_context(stage.steady.serve())
        stage.proxy.upstream = ("127.0.0.1", urlsplit(sick_url).port or 0)
        stack.push_async_callback(stage.proxy.close)
        await stage.proxy.start()
        yield stage
