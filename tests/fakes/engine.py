"""The orchestrator with memory storage, scripted upstreams and a clock that is set by hand."""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from modmirror.errors import NotExist
from modmirror.protocol.chain import links_from_list
from modmirror.protocol.freshness import FreshnessSettings
from modmirror.proxy.documents import Changing
from modmirror.proxy.fill import FileFills, FillTools
from modmirror.proxy.memory import Absences, Shunned
from modmirror.proxy.routes import Route, Routes
from modmirror.proxy.serve import Mirror
from modmirror.proxy.settings import FillSettings
from modmirror.proxy.slots import Slots
from modmirror.proxy.sumdb import SumdbProxy
from modmirror.proxy.verify import Verifier
from modmirror.proxy.zipfill import ZipFills
from modmirror.singleflight import SingleFlight
from modmirror.storage.documents import MemoryDocuments
from modmirror.storage.memory import MemoryStorage

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import Literal

    from modmirror.errors import Error
    from modmirror.mod.path import ModulePath
    from modmirror.policy.decide import RuleSettings
    from modmirror.protocol.chain import GoOn
    from modmirror.proxy.checksums import ChecksumDatabase
    from modmirror.proxy.served import Served
    from modmirror.proxy.verify import Sums
    from modmirror.storage.port import DocumentStorage, ModuleStorage
    from modmirror.upstream.port import Upstream


@dataclass(slots=True)
class FakeClock:
    """Seconds that pass only when told to."""

    now: float = 1_000_000.0

    def __call__(self) -> float:
        return self.now

    def advance(self, seconds: float) -> None:
        self.now += seconds


@dataclass(slots=True)
class Report:
    """Remembers what it was told (see `modmirror.proxy.report.Report`)."""

    said: list[tuple[str, ...]] = field(default_factory=list)
    alarms: list[tuple[str, str, Error]] = field(default_factory=list)

    def fill_started(self, kind: str) -> None:
        self.said.append(("started", str(kind)))

    def fill_ended(
        self, kind: str, subject: str, *, seconds: float, upstream: str, error: Error | None
    ) -> None:
        assert seconds >= 0
        self.said.append(("ended", str(kind), subject, upstream, type(error).__name__ if error else "ok"))

    def coalesced(self, kind: str) -> None:
        self.said.append(("coalesced", str(kind)))

    def stale_served(self, kind: str, subject: str, reason: str) -> None:
        self.said.append(("stale", str(kind), subject, reason))

    def verified(self, subject: str, result: str) -> None:
        self.said.append(("verified", subject, result))

    def alarm(self, event: str, subject: str, error: Error) -> None:
        self.alarms.append((event, subject, error))

    def count(self, *beginning: str) -> int:
        return sum(said[: len(beginning)] == beginning for said in self.said)


@dataclass(slots=True)
class KnownSums:
    """A checksum database that knows what it is told. An Error as value is raised."""

    sums: dict[str, str | Error] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)

    async def sum_of(self, module: ModulePath, version: str, *, go_mod: bool) -> str:
        key = f"{module}@{version}" + ("/go.mod" if go_mod else "")
        self.asked.append(key)
        known = self.sums.get(key, self.sums.get("*"))
        if known is None:
            raise NotExist(f"{key} is not recorded")
        if isinstance(known, str):
            return known
        raise known


@dataclass(slots=True)
class Engine:
    """A mirror and everything of it that a test may want to look at."""

    mirror: Mirror
    tools: FillTools
    storage: ModuleStorage
    documents: DocumentStorage
    clock: FakeClock
    report: Report
    sums: Sums

    async def close(self) -> None:
        await self.mirror.drain(5)
        await self.storage.close()
        await self.documents.close()
        self.tools.pool.shutdown()


async def _at_once(_: float) -> None:
    await asyncio.sleep(0)


def make_engine(
    *upstreams: Upstream,
    go_on: GoOn = "any",
    sumdb: Literal["off", "proxy", "verify"] = "off",
    sumdb_down: Literal["open", "closed"] = "closed",
    sums: Sums | None = None,
    storage: ModuleStorage | None = None,
    settings: FillSettings | None = None,
    rules: Sequence[RuleSettings] = (),
    databases: Mapping[str, ChecksumDatabase] | None = None,
    offline: bool = False,
    patience: float = 5.0,
) -> Engine:
    """Wire a mirror with one route over ``upstreams``, in order."""
    clock, report = FakeClock(), Report()
    links = links_from_list((f"https://{upstream.name}" for upstream in upstreams), go_on)
    by_link = {link.upstream: upstream for link, upstream in zip(links, upstreams, strict=True)}
    route = Route(("*",), links, by_link, sumdb, sumdb_down, offline=offline)
    store = storage or MemoryStorage()
    documents = MemoryDocuments()
    known = sums or KnownSums()
    fill = settings or FillSettings()
    tools = FillTools(
        storage=store,
        routes=Routes([route]),
        verifier=Verifier(known, report),
        absences=Absences(60.0, clock),
        shunned=Shunned(fill.shun, clock),
        report=report,
        settings=fill,
        pool=ThreadPoolExecutor(2),
        scanners=ThreadPoolExecutor(2),
        clock=clock,
        sleep=_at_once,
        slots=Slots("upstream", fill.parallel, fill.queue_deadline, clock),
        origin_slots=Slots("origin", fill.origin_parallel, fill.queue_deadline, clock),
    )
    changing = Changing(tools, documents, FreshnessSettings(patience=patience), clock, SingleFlight())
    mirror = Mirror(
        tools=tools,
        files=FileFills(tools),
        zips=ZipFills(tools),
        changing=changing,
        sumdb=SumdbProxy(databases or {}, tools.routes, tools.absences),
        rules=tuple(rules),
    )
    return Engine(mirror, tools, store, documents, clock, report, known)


async def whole(served: Served) -> bytes:
    """Read all of an answer's content, and close it."""
    content = served.content
    if isinstance(content, bytes):
        return content
    try:
        parts = []
        offset = 0
        while part := await content.read(offset, 65_536):
            parts.append(part)
            offset += len(part)
        return b"".join(parts)
    finally:
        content.close()
