"""``lab load``: capacity by a closed loop, then an open loop at rising rates to the knee, then below it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from modmirror.lab.bench.cases import BenchModule, digest_of, popular
from modmirror.lab.kept import event_of
from modmirror.lab.load.collector import Collector, between
from modmirror.lab.load.crew import Crew, crew, soon
from modmirror.lab.load.fitness import saturated
from modmirror.lab.load.job import Job, Place
from modmirror.lab.load.mix import look
from modmirror.lab.load.server import Server, find_server
from modmirror.lab.load.steps import BEGUN, CLOSED, STEP, SWEEP, WRK, Begun, Seen, load_result, step_of
from modmirror.lab.load.sweep import PARTS, Objective, knee, next_rate
from modmirror.lab.load.wrk import AGREE, wrk_rate
from modmirror.lab.politeness import require_free

if TYPE_CHECKING:
    from collections.abc import Sequence

    from modmirror.lab.bundle import Lab
    from modmirror.lab.load.job import Ask, Merged
    from modmirror.lab.pacer import Arrivals
    from modmirror.lab.results.load import LoadResult, LoadStep
    from modmirror.lab.target import Target

NAME = "load"
_START = 0.3
"""Share of the closed capacity at which a sweep begins."""
_SEEDS = 1 << 32


@dataclass(frozen=True, slots=True)
class LoadPlan:
    """How a server is loaded."""

    modules: tuple[BenchModule, ...] = field(default_factory=popular)
    files: tuple[str, ...] = ("info", "mod")
    """Of each module; asked for at random."""
    rate: float | None = None
    """Where the sweep begins; None: at a share of what a closed loop reached."""
    most: float | None = None
    """Highest rate of the open loop, its first one too. The closed loop knows no rate: it has no limit."""
    sweep: bool = True
    """False: only the one rate, and nothing below it."""
    seconds: float = 10.0
    """Of each step."""
    objective: float = 0.5
    """Seconds that P99 may be long below the knee."""
    arrivals: Arrivals = "poisson"
    in_flight: int = 256
    """Requests under way at most; what comes beyond is dropped and counted."""
    connections: int = 32
    """Clients of the closed loop."""
    workers: int = 1
    timeout: float = 10.0
    """Seconds for one request."""
    pid: int | None = None
    """Process of the server; None: found by its port, on this machine."""
    page: str = ""
    """URL of metrics that tell of the server's garbage collector; empty: those below the server."""
    wrk: bool = False
    """Compare with wrk."""


class Load:
    """The measurement of one target. One object for one run."""

    def __init__(self, plan: LoadPlan) -> None:
        self.plan = plan
        self._objective = Objective(plan.objective)

    async def __call__(self, lab: Lab) -> LoadResult:
        """Measure. Raises NotOwned for a server that the user does not declare as theirs."""
        for target in lab.targets:
            require_free(target)
        (target,) = lab.targets
        lab.run.describe(corpus=digest_of(self.plan.modules))
        lab.run.event(event_of(BEGUN, lab.elapsed, Begun(target.name, self.plan.arrivals)))
        asks = await look(lab, target, self.plan.modules, self.plan.files)
        async with crew(self.plan.workers) as workers:
            loading = _Loading(lab, target, self.plan, self._objective, workers, asks)
            await loading.run()
        lab.progress.end()
        return load_result(lab.run.events())


@dataclass
class _Loading:
    """One target under load."""

    lab: Lab
    target: Target
    plan: LoadPlan
    objective: Objective
    workers: Crew
    asks: dict[str, Ask]
    server: Server = field(init=False)
    collector: Collector = field(init=False)

    def __post_init__(self) -> None:
        self.collector = Collector(self.lab, self.target, self.plan.page)
        if self.plan.pid is not None:
            self.server = Server(frozenset({self.plan.pid}))
        elif self.target.loopback:
            self.server = find_server(self.target.port)
        else:
            self.server = Server(frozenset())

    async def run(self) -> None:
        """Do all steps that the plan asks for."""
        self.lab.progress.begin(NAME, 0)
        if self.plan.wrk:
            await self._compare_with_wrk()
        start = self.plan.rate or await self._capacity() * _START
        if not start:
            return
        if self.plan.most is not None and start > self.plan.most:
            # What was found by a closed loop: the cap that the user set is worth more than our share of it.
            self.lab.progress.note(
                f"the sweep begins at the highest rate that is allowed, {self.plan.most:g}/s, "
                f"not at {start:.0f}/s"
            )
        swept = await self._sweep(start)
        best = knee(swept)
        if self.plan.sweep and best is not None:
            for part in PARTS:
                await self._step(best * part, f"{part:.0%}")

    async def _sweep(self, start: float) -> list[LoadStep]:
        steps: list[LoadStep] = []
        while (rate := next_rate(steps, start, self.plan.most)) is not None:
            steps.append(await self._step(rate, SWEEP))
            if not self.plan.sweep:
                break
        return steps

    async def _capacity(self) -> float:
        merged = await self.workers.do(self._closed(tuple(self.asks.values())))
        reached = merged.answered / self.plan.seconds
        self.lab.run.event(event_of(CLOSED, self.lab.elapsed, reached))
        self.lab.progress.note(f"closed loop: {reached:.0f}/s")
        return reached

    async def _compare_with_wrk(self) -> None:
        """Let both do the same closed loop, one after the other. Far apart: ours is what is measured."""
        path, ask = next(iter(self.asks.items()))
        merged = await self.workers.do(self._closed((ask,)))
        ours = merged.answered / self.plan.seconds
        theirs = await wrk_rate(self.target, path, self.plan.connections, self.plan.seconds)
        self.lab.run.event(event_of(CLOSED, self.lab.elapsed, ours))
        self.lab.run.event(event_of(WRK, self.lab.elapsed, theirs))
        if abs(ours / theirs - 1) > AGREE:
            self.lab.progress.note(
                f"wrk reached {theirs:.0f}/s and this generator {ours:.0f}/s with {self.plan.connections} "
                "clients: beyond the knee, it is the generator that is measured (--workers adds processes)"
            )

    async def _step(self, rate: float, part: str) -> LoadStep:
        paused, used = await self.collector.pauses(), self.server.usage()
        merged = await self.workers.do(self._open(rate))
        usage = (used, self.server.usage())
        pauses = between(paused, await self.collector.pauses())
        step = step_of(merged, rate, part, self.objective, Seen(*usage, pauses))
        self.lab.run.event(event_of(STEP, self.lab.elapsed, step))
        flag = saturated(step)
        if flag is not None:
            self.lab.run.flag(flag)
        self.lab.progress.note(_said(step, merged))
        return step

    def _open(self, rate: float) -> list[Job]:
        size = len(self.workers)
        begin = soon()
        return [
            Job(
                place=self._place(),
                asks=tuple(self.asks.values()),
                loop="open",
                begin=begin,
                seconds=self.plan.seconds,
                seed=self.lab.chance.randrange(_SEEDS),
                connections=share(self.plan.in_flight, size, number),
                timeout=self.plan.timeout,
                rate=rate / size,
                offset=number / rate if self.plan.arrivals == "constant" else 0.0,
                arrivals=self.plan.arrivals,
            )
            for number in range(size)
        ]

    def _closed(self, asks: Sequence[Ask]) -> list[Job]:
        size = len(self.workers)
        begin = soon()
        return [
            Job(
                place=self._place(),
                asks=tuple(asks),
                loop="closed",
                begin=begin,
                seconds=self.plan.seconds,
                seed=0,
                connections=share(self.plan.connections, size, number),
                timeout=self.plan.timeout,
            )
            for number in range(size)
        ]

    def _place(self) -> Place:
        target = self.target
        return Place(target.host, target.port, tls=target.scheme == "https", ca_file=target.ca_file)


def share(total: int, size: int, number: int) -> int:
    """Return the part of one of ``size`` workers, one at least; all parts together are the total."""
    return max(1, total // size + (number < total % size))


def _said(step: LoadStep, merged: Merged) -> str:
    verdict = f" ({step.failed})" if step.failed else ""
    return f"{step.offered:.0f}/s: {merged.answered} of {step.n} answered{verdict}"
