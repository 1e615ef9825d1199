"""One rehearsal: the stage, the mirror, the client and the timeline together, on one monotonic clock."""

from __future__ import annotations

import asyncio
import time
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from modmirror.errors import Error
from modmirror.lab.fault.analysis import Backoff, Probe, Timeline, analyse
from modmirror.lab.fault.asking import HttpAsk, probe
from modmirror.lab.fault.script import Script
from modmirror.lab.fault.stage import staged
from modmirror.lab.fault.subject import LIST_TTL, Subject, World
from modmirror.lab.results.events import Event

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from modmirror.lab.fault.asking import Ask
    from modmirror.lab.fault.scenario import Scenario, Step
    from modmirror.lab.fault.stage import Stage
    from modmirror.lab.results.faults import FaultRun

RATE = 10.0
"""Requests a second."""
MOST_RATE = 60.0
"""Also in a shortened world: the client must stay cheap."""
PATIENCE = 20.0
"""Seconds after which the client gives up."""
_WARM_TRIES = 40
_WARM_PAUSE = 0.25
# A usual law, for mirrors that do not say what theirs is.
_BASE, _CAP = 1.0, 30.0


class NotWell(Error):
    """The mirror does not answer while nothing is wrong yet."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rehearsal:
    """What is rehearsed, and with which mirror."""

    scenario: Scenario
    scale: float = 1.0
    """Length of the scenario's seconds."""
    seed: int = 0
    mirror: str = ""
    """URL of a running mirror whose upstream is ``listen``; empty starts a modmirror."""
    command: str = ""
    """Starts another mirror instead: with ``{port}``, ``{upstream}`` and ``{dir}``."""
    second: bool = False
    """Give the mirror a second upstream, which stays well."""
    listen: tuple[str, int] = ("127.0.0.1", 0)
    """Where the sick upstream is reached."""

    @property
    def rate(self) -> float:
        """Requests a second."""
        return min(RATE / self.scale, MOST_RATE)


@dataclass(slots=True)
class _Log:
    """What has happened, in seconds since ``began``."""

    began: float
    note: Callable[[str], None]
    events: list[Event] = field(default_factory=list)
    probes: list[Probe] = field(default_factory=list)

    def event(self, name: str, text: str = "", until: float | None = None) -> None:
        """Write down what happens now."""
        at = time.monotonic() - self.began
        self.events.append(Event(at, name, text, until))
        self.note(f"{at:7.2f} s  {name}  {text}".rstrip())


async def rehearse(rehearsal: Rehearsal, directory: Path, note: Callable[[str], None]) -> FaultRun:
    """Play a scenario once. ``directory`` is empty and may be thrown away; ``note`` gets a line per event.

    Raises:
        ConfigError: wrong input, or an address that is taken.
        NotPermitted: this machine cannot play it.
        NotStarted: the mirror under test did not start.
        NotWell: it did not answer before anything was wrong.
    """
    scenario = rehearsal.scenario.scaled(rehearsal.scale)
    async with AsyncExitStack() as stack:
        stage = await stack.enter_async_context(
            staged(directory, scenario.wire, seed=rehearsal.seed, listen=rehearsal.listen)
        )
        url = rehearsal.mirror or await _start(rehearsal, directory, stage, stack)
        ask = HttpAsk(url, PATIENCE * rehearsal.scale)
        stack.push_async_callback(ask.close)
        judge_age = not (rehearsal.mirror or rehearsal.command)
        script = Script(stage.modules, rehearsal.scale, judge_age=judge_age)
        await _warm(ask, script)
        log = _Log(time.monotonic(), note)
        await _play(rehearsal, scenario, stage, (ask, script), log)
        begin, end = log.began + scenario.before, log.began + scenario.before + scenario.fault
        timeline = Timeline(
            begin=scenario.before,
            end=scenario.before + scenario.fault,
            probes=tuple(log.probes),
            arrivals=tuple(at - log.began for at in stage.arrivals(begin, end)),
            events=tuple(log.events),
            shun=scenario.shun,
        )
    law = Backoff(_BASE * rehearsal.scale, _CAP * rehearsal.scale, scenario.retry_after)
    return analyse(timeline, law)


async def _start(rehearsal: Rehearsal, directory: Path, stage: Stage, stack: AsyncExitStack) -> str:
    upstreams = (stage.url, stage.steady_url) if rehearsal.second else (stage.url,)
    world = World(
        directory=directory,
        upstreams=upstreams,
        sumdb=stage.sumdb,
        sumdb_url=stage.sumdb_url,
        scale=rehearsal.scale,
        ca_file=stage.authority.ca_file if stage.authority else None,
        wrapper=stage.names.wrapper if stage.names else (),
    )
    subject = Subject(world, rehearsal.command)
    stack.push_async_callback(subject.stop)
    return await subject.start()


async def _warm(ask: Ask, script: Script) -> None:
    """Let the mirror fetch what should be a hit later, and see that it works at all."""
    for question in script.warming():
        for _ in range(_WARM_TRIES):
            asked = await probe(ask, question, began=time.monotonic(), at=0.0)
            if asked.ok:
                break
            await asyncio.sleep(_WARM_PAUSE)
        else:
            raise NotWell(
                f"the mirror does not serve {question.path}: {asked.text}",
                hint="its only upstream must be the one that the rehearsal named",
            )


async def _play(
    rehearsal: Rehearsal, scenario: Scenario, stage: Stage, client: tuple[Ask, Script], log: _Log
) -> None:
    ask, script = client
    publishing = asyncio.create_task(_publish(script, LIST_TTL * rehearsal.scale))
    try:
        async with asyncio.TaskGroup() as group:
            group.create_task(_take_steps(scenario, stage, log))
            total = int(scenario.length * rehearsal.rate)
            for number in range(total):
                at = number / rehearsal.rate
                await _sleep_until(log.began + at)
                group.create_task(_ask(ask, script, at, log))
    finally:
        publishing.cancel()
        await asyncio.gather(publishing, return_exceptions=True)
        await stage.heal()


async def _ask(ask: Ask, script: Script, at: float, log: _Log) -> None:
    log.probes.append(await probe(ask, script.next(), began=log.began, at=at))


async def _publish(script: Script, period: float) -> None:
    while True:
        script.publish()
        await asyncio.sleep(period)


async def _take_steps(scenario: Scenario, stage: Stage, log: _Log) -> None:
    begin = log.began + scenario.before
    await _sleep_until(begin)
    log.event("fault", scenario.title, until=scenario.before + scenario.fault)
    for step in scenario.step:
        await _sleep_until(begin + step.at)
        await stage.take(step)
        log.event(step.do, _said(step))
    await _sleep_until(begin + scenario.fault)
    await stage.heal()
    log.event("healed")


def _said(step: Step) -> str:
    match step.do:
        case "cut":
            return step.mode
        case "toxic":
            return str(step.toxic.get("type", ""))
        case "behave":
            return ", ".join(f"{key} = {value}" for key, value in step.behave.items())
        case "certificate":
            return step.certificate
        case _:
            return ""


async def _sleep_until(instant: float) -> None:
    # The loop may wake a hair too early.
    while (left := instant - time.monotonic()) > 0:  # noqa: ASYNC110 - time itself is waited for
        await asyncio.sleep(left)
