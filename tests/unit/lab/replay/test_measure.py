from __future__ import annotations

import time
from dataclasses import replace
from typing import TYPE_CHECKING

from modmirror.lab.emulate.behaviour import Behaviour
from modmirror.lab.emulate.modules import ModuleSet
from modmirror.lab.replay.analysis import COMPUTED, NAME, replay_result
from modmirror.lab.replay.build import read_build
from modmirror.lab.replay.go import GoDownload
from modmirror.lab.replay.measure import Replay, ReplayPlan
from modmirror.lab.target import parse_target
from tests.fakes.builds import write_go_sum
from tests.fakes.lab import JumpingClock, answered, scripted_lab
from tests.fakes.loopback_lab import emulated, loopback_lab

if TYPE_CHECKING:
    from pathlib import Path

    from modmirror.lab.engine.port import Fetched, Request

REQUESTS = 5 + 4 * 2


async def test_a_slower_mirror_costs_more_and_every_file_is_checked(tmp_path: Path) -> None:
    build = read_build([write_go_sum(tmp_path)], "")
    behaviours = {"good": Behaviour(), "slow": Behaviour(delay=0.15), "wrong": Behaviour(corrupt=1.0)}
    async with emulated(behaviours, ModuleSet.generate(1)) as (_, targets), loopback_lab(*targets) as lab:
        result = await Replay(ReplayPlan(build, repeats=6))(lab)
    good, slow, wrong = (result.targets[name] for name in behaviours)
    assert (good.requests, good.failed, good.seconds.n) == (REQUESTS, 0, 6)
    assert good.size > 20_000
    assert slow.seconds.value is not None
    # Three requests stand behind one another: ten are under way at once, and not one.
    assert 0.45 <= slow.seconds.value < 0.15 * REQUESTS
    assert good.seconds.value is not None
    assert good.seconds.value < slow.seconds.value
    assert wrong.failed == 4 * 6
    assert wrong.seconds.n == 0
    assert "4 files were not to be had" in wrong.note
    assert {sample.outcome for sample in lab.run.samples(NAME) if sample.target == "wrong"} == {
        "ok",
        "mismatch",
    }
    assert {sample.target for sample in lab.run.samples(NAME)} == set(behaviours)
    assert replay_result(lab.run.samples(NAME), lab.run.events()) == result


async def test_the_first_request_of_each_connection_is_cold(tmp_path: Path) -> None:
    build = read_build([write_go_sum(tmp_path)], "")
    async with (
        emulated({"good": Behaviour()}, ModuleSet.generate(1)) as (_, targets),
        loopback_lab(*targets) as lab,
    ):
        await Replay(ReplayPlan(build, repeats=2))(lab)
    for number in range(2):
        connections = [sample.connection for sample in lab.run.samples(NAME) if sample.block == number]
        assert connections.count("cold") >= 5, "five go.mod files are fetched at once"
        assert connections.count("warm") >= 1


async def test_somebody_elses_mirror_is_asked_one_by_one_and_the_time_computed(tmp_path: Path) -> None:
    build = read_build([write_go_sum(tmp_path)], "")

    def slowly(request: Request, clock: JumpingClock) -> Fetched:
        return answered(request, clock, 1.0, status=200 if request.path.endswith("info") else 404)

    lab = scripted_lab((parse_target("https://proxy.example"),), slowly)
    result = await Replay(ReplayPlan(build, repeats=1))(lab)
    found = result.targets["proxy.example"]
    assert COMPUTED in found.note
    assert found.failed == 9
    assert {request.target.name for request in lab.engine.asked} == {"proxy.example #0"}  # type: ignore[attr-defined]  # scripted
    # One round of go.mod files, one of .info and .zip: three seconds, though thirteen passed.
    took = next(event for event in lab.run.events() if event.name == "replay-took")
    assert '"seconds":3.0' in took.text


async def test_the_go_command_is_used_for_mirrors_of_ones_own_only(tmp_path: Path) -> None:
    binary = tmp_path / "go"
    binary.write_text('#!/bin/sh\ncase "$GOPROXY" in *9) exit 1;; esac\n')
    binary.chmod(0o755)
    build = read_build([write_go_sum(tmp_path)], "")
    own, other = parse_target("http://127.0.0.1:18"), parse_target("https://proxy.example")
    targets = (own, other, replace(own, name="bad", port=19))
    lab = scripted_lab(targets, lambda request, clock: answered(request, clock, status=404))
    go = GoDownload(binary, build.versions, time.monotonic)
    result = await Replay(ReplayPlan(build, repeats=1), go)(lab)
    assert result.targets[own.name].go_seconds is not None
    assert result.targets[other.name].go_seconds is None
    assert "go mod download" in result.targets["bad"].note
