from __future__ import annotations

from dataclasses import dataclass, field, replace

import pytest

from modmirror.lab.bench.cases import BenchModule
from modmirror.lab.load.measure import Load, LoadPlan, share
from modmirror.lab.load.steps import load_result
from modmirror.lab.politeness import NotOwned
from modmirror.lab.progress import Silent
from modmirror.lab.target import parse_target
from tests.fakes.lab import scripted_lab
from tests.fakes.loaded import loaded_server
from tests.fakes.loopback_lab import loopback_lab

PLAN = LoadPlan(
    modules=(BenchModule("example.com/a", "v1.0.0"),), files=("info",), seconds=0.4, rate=20.0, most=30.0
)


async def test_a_sweep_goes_up_to_its_knee_and_then_below_it() -> None:
    async with loaded_server() as server:
        target = parse_target(f"http://127.0.0.1:{server.port}", name="mine")
        async with loopback_lab(target) as lab:
            result = await Load(replace(PLAN, objective=5.0, arrivals="constant"))(lab)
    swept = [step.offered for step in result.steps if step.part == "sweep"]
    assert swept[0] == 20.0
    assert result.target == "mine"
    assert result.knee is not None
    assert [step.part for step in result.steps][-3:] == ["25%", "50%", "75%"]
    assert result.closed_capacity is None, "the first rate was given"
    first = result.steps[0]
    assert first.n == 8
    assert first.server_rss, "the server is this process"
    assert load_result(lab.run.events()) == result


async def test_a_rate_is_found_by_a_closed_loop_where_none_is_given() -> None:
    plan = replace(PLAN, rate=None, most=None, sweep=False, connections=2)
    async with loaded_server() as server:
        target = parse_target(f"http://127.0.0.1:{server.port}", name="mine")
        async with loopback_lab(target) as lab:
            result = await Load(plan)(lab)
    assert result.closed_capacity
    assert [step.offered for step in result.steps] == [pytest.approx(0.3 * result.closed_capacity)]


@dataclass
class Noting(Silent):
    notes: list[str] = field(default_factory=list)

    def note(self, text: str) -> None:
        self.notes.append(text)


async def test_a_cap_holds_for_the_rate_that_a_closed_loop_found_and_that_is_said() -> None:
    plan = replace(PLAN, rate=None, most=10.0, connections=2)
    async with loaded_server() as server:
        target = parse_target(f"http://127.0.0.1:{server.port}", name="mine")
        async with loopback_lab(target) as plain:
            lab = replace(plain, progress=(told := Noting()))
            result = await Load(plan)(lab)
    assert result.closed_capacity is not None
    assert result.closed_capacity * 0.3 > 10.0, "else there is nothing to hold back"
    assert max(step.offered for step in result.steps) == 10.0
    said = "the sweep begins at the highest rate that is allowed, 10/s, not at "
    assert [note.startswith(said) for note in told.notes].count(True) == 1


async def test_a_host_of_somebody_else_gets_no_load() -> None:
    lab = scripted_lab((parse_target("https://proxy.example"),))
    with pytest.raises(NotOwned, match="not declared as yours"):
        await Load(PLAN)(lab)
    assert lab.engine.asked == []  # type: ignore[attr-defined]  # it is a ScriptedEngine


def test_the_parts_of_all_workers_are_the_whole() -> None:
    assert [share(10, 3, number) for number in range(3)] == [4, 3, 3]
    assert [share(1, 2, number) for number in range(2)] == [1, 1]
