from __future__ import annotations

import asyncio
import sys
from typing import TYPE_CHECKING

import pytest

from modmirror.lab.child import ChildGone
from modmirror.lab.demo.cast import world
from modmirror.lab.demo.stage import DemoStage
from modmirror.lab.demo.world import Publish
from modmirror.lab.emulate.sumdb import EmulatedSumdb
from modmirror.lab.results.links import LinkCheck
from tests.fakes.lab import memory_run, targets_named

if TYPE_CHECKING:
    from asyncio.subprocess import Process

BIRTHS = (Publish("example.com/a", "v1.0.0", 1.0),)


async def started(code: str) -> Process:
    return await asyncio.create_subprocess_exec(
        sys.executable, "-c", code, stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE
    )


def stage_with(process: Process | None, *checks: LinkCheck) -> DemoStage:
    return DemoStage(
        targets_named("good"),
        checks,
        EmulatedSumdb(world(1)),
        "http://127.0.0.1:9",
        process,  # type: ignore[arg-type]  # one that is not asked need not be there
        1,
    )


def check(*, good: bool) -> LinkCheck:
    return LinkCheck("eu-us", "tcp", {}, {}, good=good, note="" if good else "12 ms instead of 90 ms")


def test_who_is_there_and_what_the_links_are_is_written_into_the_run() -> None:
    run = memory_run()
    stage_with(None, check(good=True)).describe(run)
    assert [target.name for target in run.manifest.targets] == ["good"]
    assert run.result("links", tuple[LinkCheck, ...]) == (check(good=True),)
    assert run.manifest.valid


def test_a_link_that_is_off_makes_the_run_invalid() -> None:
    run = memory_run()
    stage_with(None, check(good=False)).describe(run)
    assert [flag.name for flag in run.manifest.flags] == ["link_off"]


async def test_a_world_that_ends_is_told_and_not_waited_for() -> None:
    process = await started("input()")
    with pytest.raises(ChildGone, match="ended"):
        await stage_with(process).publish(BIRTHS)
    await process.wait()


async def test_versions_are_out_when_the_world_has_said_so() -> None:
    process = await started("print(input())")
    await stage_with(process).publish(BIRTHS)
    await process.wait()
