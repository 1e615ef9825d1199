"""``lab replay``: whole builds from each mirror in turn, in random order, again and again."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from modmirror.errors import BadZip
from modmirror.lab.bench.cases import BenchModule
from modmirror.lab.bench.content import h1_of_file
from modmirror.lab.engine.port import Limit, Request
from modmirror.lab.kept import event_of
from modmirror.lab.plan import block
from modmirror.lab.politeness import VolumeSpent
from modmirror.lab.replay.analysis import BUILD, NAME, TOOK, Took, replay_result
from modmirror.lab.replay.go import GoFailed
from modmirror.lab.replay.schedule import makespan
from modmirror.mod.dirhash import h1_of_go_mod

if TYPE_CHECKING:
    from collections.abc import Sequence

    from modmirror.lab.bundle import Lab
    from modmirror.lab.engine.port import Fetched
    from modmirror.lab.replay.build import Build, Fetch
    from modmirror.lab.replay.go import GoDownload
    from modmirror.lab.results.replay import ReplayResult
    from modmirror.lab.target import Target

LANES = 10
"""Requests that the go command has under way at once."""


@dataclass(frozen=True, slots=True)
class ReplayPlan:
    """What is replayed, and how often."""

    build: Build
    repeats: int = 6
    """The fewest that give the median an interval."""
    timeout: float = 300.0
    """Seconds for one file."""


@dataclass(frozen=True, slots=True)
class _Answered:
    """One request of a build with its answer, to be judged when the build is over."""

    fetch: Fetch
    fetched: Fetched


class Replay:
    """The measurement."""

    def __init__(self, plan: ReplayPlan, go: GoDownload | None = None) -> None:
        """With ``go``, mirrors of one's own are asked by the real go command too."""
        self.plan = plan
        self._go = go

    async def __call__(self, lab: Lab) -> ReplayResult:
        """Measure."""
        build = self.plan.build
        lab.run.describe(corpus=build.digest)
        lab.run.event(event_of(BUILD, lab.elapsed, build.name))
        lab.progress.begin(NAME, self.plan.repeats * len(lab.targets))
        try:
            for number in range(self.plan.repeats):
                for target, _ in block(lab.targets, (build,), lab.chance):
                    await self._replay(lab, target, number)
                    lab.progress.step(target.name)
        except VolumeSpent as error:
            lab.progress.note(f"not all was fetched: {error.reason}")
        lab.progress.end()
        return replay_result(lab.run.samples(NAME), lab.run.events())

    async def _replay(self, lab: Lab, target: Target, number: int) -> None:
        lanes = _Lanes(lab, target, self.plan.timeout)
        began = lab.clock.now()
        stages = [await lanes.run(stage) for stage in self.plan.build.stages]
        seconds = lab.clock.now() - began
        if not target.free:
            seconds = sum(makespan(map(_seconds, stage), LANES) for stage in stages)
        # Only now: hashing takes processor time that is no part of what a mirror costs.
        failed = 0
        for answered in [each for stage in stages for chain in stage for each in chain]:
            judged, digest = await asyncio.to_thread(_judged, answered)
            failed += not judged.ok
            lab.record(NAME, answered.fetch.kind, judged, block=number, digest=digest)
        reason = f"{failed} files were not to be had" if failed else ""
        took = Took(target.name, seconds, computed=not target.free, failed=reason)
        lab.run.event(event_of(TOOK, lab.elapsed, took))
        if self._go is not None and target.free:
            lab.run.event(event_of(TOOK, lab.elapsed, await self._with_go(target, self._go)))

    async def _with_go(self, target: Target, go: GoDownload) -> Took:
        try:
            return Took(target.name, await go.seconds(target.url), go=True)
        except GoFailed as error:
            return Took(target.name, 0.0, go=True, failed=error.reason)


class _Lanes:
    """Ten connections to one target, new for each build."""

    def __init__(self, lab: Lab, target: Target, timeout: float) -> None:
        self._lab = lab
        self._target = target
        self._limit = Limit(seconds=timeout)
        # The engine keeps one connection for each name. Somebody else's host is asked over one.
        count = LANES if target.free else 1
        self._lanes = [replace(target, name=f"{target.name} #{lane}") for lane in range(count)]
        self._used: set[str] = set()

    async def run(self, chains: Sequence[Sequence[Fetch]]) -> list[list[_Answered]]:
        """Fetch chains side by side, and return their answers in the order of the chains."""
        waiting = iter(enumerate(chains))
        done: dict[int, list[_Answered]] = {}

        async def work(lane: Target) -> None:
            for number, chain in waiting:
                done[number] = [await self._fetch(lane, fetch) for fetch in chain]

        await asyncio.gather(*map(work, self._lanes))
        return [done[number] for number in range(len(chains))]

    async def _fetch(self, lane: Target, fetch: Fetch) -> _Answered:
        first = lane.name not in self._used
        self._used.add(lane.name)
        request = Request(
            lane,
            fetch.path,
            connection="cold" if first else "warm",
            keep="file" if fetch.kind == "zip" else "bytes",
            limit=self._limit,
        )
        fetched = await self._lab.engine.fetch(request)
        return _Answered(fetch, replace(fetched, request=replace(request, target=self._target)))


def _seconds(chain: Sequence[_Answered]) -> float:
    return sum(each.fetched.timing.total for each in chain)


def _judged(answered: _Answered) -> tuple[Fetched, str]:
    """Return an answer with the verdict on its content, and its ``h1:``; the file is removed."""
    fetch, fetched = answered.fetch, answered.fetched
    if not fetched.ok or fetch.kind in {"info", "lookup"}:
        return fetched, ""
    try:
        found = _hash(fetch, fetched)
    except BadZip as error:
        return fetched.judged("mismatch", error.reason), ""
    finally:
        if fetched.file is not None:
            fetched.file.unlink(missing_ok=True)
    if fetch.digest and found != fetch.digest:
        return fetched.judged("mismatch", f"its h1 is not that of the build: {found}"), found
    return fetched, found


def _hash(fetch: Fetch, fetched: Fetched) -> str:
    if fetch.kind == "mod":
        return h1_of_go_mod(fetched.body)
    file = fetched.file
    assert isinstance(file, Path)  # noqa: S101  # that is how zips are kept
    return h1_of_file(file, BenchModule(fetch.pin.module, fetch.pin.version))
