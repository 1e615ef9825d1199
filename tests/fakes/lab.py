"""The lab without a network: a clock that jumps, mirrors that follow a law of latency, a run in memory."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from random import Random
from typing import TYPE_CHECKING

from modmirror.lab.bundle import Lab
from modmirror.lab.engine.port import Fetched, Request
from modmirror.lab.progress import Silent
from modmirror.lab.run.manifest import Manifest
from modmirror.lab.run.memory import MemoryRun
from modmirror.lab.target import Target, parse_target
from modmirror.measure.sample import Sample, Timing

if TYPE_CHECKING:
    from modmirror.lab.run.port import Run

STARTED = "2026-01-02T03:04:05+00:00"
MANIFEST = Manifest(verb="bench", seed=7, started=STARTED)
ENDED = "2026-01-02T03:05:00+00:00"


def sample(measurement: str = "bench", block: int = 0) -> Sample:
    """Return a sample that was kept."""
    return Sample(
        measurement=measurement,
        target="a",
        case="info",
        path="x/@v/list",
        block=block,
        intended=0.5,
        started=0.6,
        timing=Timing(connect=0.1, wait=0.2, total=0.4),
        outcome="ok",
        headers={"age": "3"},
    )


@dataclass
class JumpingClock:
    """Time passes only when somebody waits for it."""

    instant: float = 1000.0
    waits: list[float] = field(default_factory=list)

    def now(self) -> float:
        return self.instant

    async def sleep_until(self, instant: float) -> None:
        self.waits.append(max(0.0, instant - self.instant))
        self.instant = max(self.instant, instant)


Answer = Callable[[Request], Fetched]


def answered(
    request: Request,
    clock: JumpingClock,
    seconds: float = 0.01,
    *,
    status: int = 200,
    body: bytes = b"",
    headers: dict[str, str] | None = None,
) -> Fetched:
    """Return an answer that took ``seconds``, and let them pass."""
    started = clock.instant
    clock.instant += seconds
    intended = started if request.intended is None else request.intended
    expected = status in request.expected
    outcome = "ok" if expected else "4xx" if status < 500 else "5xx"
    return Fetched(
        request=request,
        outcome=outcome,  # type: ignore[arg-type]  # one of three literals
        timing=Timing(send=0.0, wait=seconds, receive=0.0, total=clock.instant - intended),
        started=started,
        reused=request.connection == "warm",
        status=status,
        headers=headers or {},
        size=len(body),
        body=body if request.keep == "bytes" else b"",
        http="1.1",
        address="127.0.0.1",
        reason="" if expected else f"status {status}",
    )


@dataclass
class ScriptedEngine:
    """Answers every request by a function, and remembers what was asked."""

    answer: Answer
    asked: list[Request] = field(default_factory=list)
    warmed: list[tuple[str, str]] = field(default_factory=list)
    closed: bool = False

    @property
    def name(self) -> str:
        return "scripted"

    async def fetch(self, request: Request) -> Fetched:
        self.asked.append(request)
        return self.answer(request)

    async def warm(self, target: Target, path: str) -> bool:
        self.warmed.append((target.name, path))
        return True

    async def close(self) -> None:
        self.closed = True


@dataclass
class Wire:
    """An engine without manners: answers by a function, and counts how many requests are under way."""

    answer: Answer
    keeps: bool = True
    """Whether targets keep connections."""
    pause: bool = False
    """Let others run in the middle of each request."""
    asked: list[Request] = field(default_factory=list)
    used: Counter[str] = field(default_factory=Counter)
    at_once: int = 0
    most_at_once: int = 0
    closed: bool = False

    @property
    def name(self) -> str:
        return "wire"

    def warmth(self, target: Target) -> int:
        return self.used[target.name] if self.keeps else 0

    async def fetch(self, request: Request) -> Fetched:
        self.asked.append(request)
        self.used[request.target.name] += 1
        self.at_once += 1
        self.most_at_once = max(self.most_at_once, self.at_once)
        if self.pause:
            await asyncio.sleep(0)
        self.at_once -= 1
        return self.answer(request)

    async def close(self) -> None:
        self.closed = True


def targets_named(*names: str) -> tuple[Target, ...]:
    """Return targets on loopback."""
    return tuple(parse_target(f"http://127.0.0.1:{9000 + n}", name=name) for n, name in enumerate(names))


def memory_run(verb: str = "bench", targets: tuple[Target, ...] = ()) -> MemoryRun:
    """Return an empty run."""
    manifest = Manifest(verb=verb, seed=1, started=STARTED, targets=tuple(each.entry() for each in targets))
    return MemoryRun(manifest, lambda: STARTED)


def scripted_lab(
    targets: tuple[Target, ...],
    answer: Callable[[Request, JumpingClock], Fetched] = answered,
    *,
    seed: int = 1,
    run: Run | None = None,
) -> Lab:
    """Return a lab whose mirrors answer by a function of request and clock."""
    clock = JumpingClock()
    return Lab(
        targets=targets,
        engine=ScriptedEngine(lambda request: answer(request, clock)),
        run=run or memory_run(targets=targets),
        chance=Random(seed),
        clock=clock,
        progress=Silent(),
        began=clock.now(),
    )
