"""``lab coverage``: asks every mirror for the same corpus, and compares what comes (lab.md 2.5)."""

from __future__ import annotations

import asyncio
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal, TypeAlias

from modmirror.errors import BadRecord
from modmirror.lab.analysis.coverage import CORPUS, MEASUREMENT, RECORDED, coverage_result
from modmirror.lab.corpus.entries import Entry, digest_of, draw, public_corpus
from modmirror.lab.coverage.content import hashed_mod, hashed_zip, judged_info
from modmirror.lab.coverage.records import NotProven, Records
from modmirror.lab.engine.port import Fetched, Keep, Limit, Request
from modmirror.lab.plan import block
from modmirror.lab.politeness import VolumeSpent
from modmirror.lab.results.events import Event
from modmirror.measure.sample import Timing

if TYPE_CHECKING:
    from collections.abc import Sequence

    from modmirror.lab.bench.cases import BenchModule
    from modmirror.lab.bundle import Lab
    from modmirror.lab.coverage.records import Database
    from modmirror.lab.results.coverage import CoverageResult
    from modmirror.lab.run.port import Run
    from modmirror.lab.target import Target

File: TypeAlias = Literal["info", "mod", "zip"]

NAME = MEASUREMENT
UNJUDGED = "unjudged"
"""Event: why a checksum database could not be asked."""
STOPPED = "stopped"
"""Event: why not all was asked for."""
OWN_SUMS = "go.sum"
_KEEP: dict[File, Keep] = {"info": "bytes", "mod": "bytes", "zip": "file"}
_SMALL = 4 << 20
"""Bytes of an .info or .mod: nobody has a larger one in good faith."""
_ABSENT = (404, 410)
HUNG = 5
"""Timeouts in a row after which a mirror is asked no more: the rest would take hours."""


@dataclass(frozen=True, slots=True)
class CoveragePlan:
    """How much is asked."""

    entries: tuple[Entry, ...] = field(default_factory=public_corpus)
    infos: int = 300
    zips: int = 30
    """Module versions whose zip and go.mod are fetched and hashed; of the large ones, none."""
    large: bool = False
    """Fetch zips of tens of megabytes too."""
    size: int = 100 << 20
    """Bytes beyond which a zip is not read on."""
    timeout: float = 60.0
    """Seconds for one request."""
    database: Database | None = None


class Coverage:
    """The measurement. One object for one run."""

    def __init__(self, plan: CoveragePlan | None = None) -> None:
        self.plan = plan or CoveragePlan()
        self._recorded: dict[str, str] = {}
        self._hung: Counter[str] = Counter()
        """Timeouts in a row, by target."""

    async def __call__(self, lab: Lab) -> CoverageResult:
        """Measure."""
        entries = draw(self.plan.entries, self.plan.infos, lab.chance)
        hashed = self._hashed(entries, lab)
        corpus = digest_of(entries)
        lab.run.describe(corpus=corpus)
        lab.run.event(Event(lab.elapsed, CORPUS, corpus))
        try:
            await self._look_up(hashed, lab)
            await self._ask_all(entries, hashed, lab)
        except VolumeSpent as error:
            lab.run.event(Event(lab.elapsed, STOPPED, error.reason))
            lab.progress.note(f"not all was asked for: {error.reason}")
        lab.progress.end()
        return self.so_far(lab.run)

    def so_far(self, run: Run) -> CoverageResult:
        """Return what a run has found, be it at its end or not."""
        return coverage_result(run.samples(NAME), run.events())

    def _hashed(self, entries: Sequence[Entry], lab: Lab) -> tuple[Entry, ...]:
        fit = [entry for entry in entries if entry.exists and (self.plan.large or not entry.large)]
        return draw(fit, self.plan.zips, lab.chance)

    async def _look_up(self, hashed: Sequence[Entry], lab: Lab) -> None:
        """Learn what the hashes must be: from the corpus itself, then from a checksum database."""
        for entry in hashed:
            for file, digest in (("zip", entry.zip_sum), ("mod", entry.mod_sum)):
                if digest:
                    self._vouch(entry.module.file(file), digest, OWN_SUMS, lab)
        unknown = [entry.module for entry in hashed if entry.module.file("zip") not in self._recorded]
        if self.plan.database is None or not unknown:
            return
        records = await self._opened(unknown[0], self.plan.database, lab)
        if records is None:
            return
        lab.progress.begin(f"records of {self.plan.database.name}", len(unknown))
        for module in unknown:
            await self._prove(module, records, self.plan.database.name, lab)
            lab.progress.step()

    async def _opened(self, module: BenchModule, database: Database, lab: Lab) -> Records | None:
        """Return the first source that proves a record; None when none does."""
        problems = []
        for source in database.sources(lab.targets):
            records = Records(lab.engine, source, database.key)
            try:
                await records.prove(module)
            except NotProven as error:
                problems.append(error.reason)
            else:
                return records
        text = f"{database.name} could not be asked: {'; '.join(problems)}"
        lab.run.event(Event(lab.elapsed, UNJUDGED, text))
        lab.progress.note(f"{text}. Only a majority of mirrors can judge now.")
        return None

    async def _prove(self, module: BenchModule, records: Records, name: str, lab: Lab) -> None:
        try:
            proven = await records.prove(module)
            for file in ("zip", "mod"):
                digest = proven.find_sum(module.path, module.version, go_mod=file == "mod")
                self._vouch(module.file(file), digest, name, lab)
        except (NotProven, BadRecord) as error:
            lab.run.event(Event(lab.elapsed, UNJUDGED, f"{module.path}@{module.version}: {error.reason}"))

    def _vouch(self, path: str, digest: str, authority: str, lab: Lab) -> None:
        self._recorded[path] = digest
        lab.run.event(Event(lab.elapsed, RECORDED, f"{path} {digest} {authority}"))

    async def _ask_all(self, entries: Sequence[Entry], hashed: Sequence[Entry], lab: Lab) -> None:
        steps: list[tuple[Entry, File]] = [(entry, "info") for entry in entries]
        files: tuple[File, ...] = ("mod", "zip")
        steps += [(entry, file) for entry in hashed for file in files]
        lab.chance.shuffle(steps)
        lab.progress.begin(NAME, len(steps) * len(lab.targets))
        for number, step in enumerate(steps):
            for target, (entry, file) in block(lab.targets, (step,), lab.chance):
                fetched, digest = await self._asked(lab, target, entry, file)
                lab.record(NAME, entry.stratum, fetched, block=number, digest=digest)
                lab.progress.step(target.name)

    async def _asked(self, lab: Lab, target: Target, entry: Entry, file: File) -> tuple[Fetched, str]:
        size = self.plan.size if file == "zip" else _SMALL
        request = Request(
            target,
            entry.module.file(file),
            connection="warm",
            expected=(200,) if entry.exists else _ABSENT,
            keep=_KEEP[file],
            limit=Limit(seconds=self.plan.timeout, size=size),
        )
        if self._hung[target.name] >= HUNG:
            reason = f"not asked: {HUNG} answers in a row did not come, or did not end"
            return Fetched(request, "timeout", Timing(), lab.clock.now(), reason=reason), ""
        fetched = await lab.engine.fetch(request)
        self._hung[target.name] = self._hung[target.name] + 1 if fetched.outcome == "timeout" else 0
        match file:
            case "info":
                return judged_info(fetched, entry), ""
            case "mod":
                return hashed_mod(fetched)
            case "zip":
                return await asyncio.to_thread(hashed_zip, fetched, entry.module)
