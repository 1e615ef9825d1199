from __future__ import annotations

from typing import TYPE_CHECKING

from modmirror.lab.bench.cases import BenchModule
from modmirror.lab.watch.rounds import Patience, look_around
from tests.fakes.lab import JumpingClock, ScriptedEngine, answered, scripted_lab, targets_named

if TYPE_CHECKING:
    from modmirror.lab.engine.port import Fetched, Request

MODULE = BenchModule("example.com/Lib", "v1.0.0")


def lists(request: Request, clock: JumpingClock) -> Fetched:
    return answered(request, clock, body=b"v1.1.0\nv1.0.0\nnonsense\n")


def refuses(request: Request, clock: JumpingClock) -> Fetched:
    return answered(request, clock, status=404)


def busy(request: Request, clock: JumpingClock) -> Fetched:
    return answered(request, clock, status=429, headers={"retry-after": "60"})


async def test_every_target_is_asked_cold_warm_and_for_its_list() -> None:
    lab = scripted_lab(targets_named("a", "b"), lists)
    looks = await look_around(lab, MODULE, Patience(lambda: 0.0))
    assert {look.target for look in looks} == {"a", "b"}
    assert [(kind, connection, each.ok) for kind, connection, each in looks[0].answers] == [
        ("info", "cold", True),
        ("info", "warm", True),
        ("list", "cold", True),
    ]
    engine = lab.engine
    assert isinstance(engine, ScriptedEngine)
    assert {request.path for request in engine.asked} == {
        "example.com/!lib/@v/v1.0.0.info",
        "example.com/!lib/@v/list",
    }


async def test_a_list_is_read_as_the_go_command_reads_it() -> None:
    (look,) = await look_around(scripted_lab(targets_named("a"), lists), MODULE, Patience(lambda: 0.0))
    assert look.versions == ("v1.0.0", "v1.1.0")


async def test_a_list_that_cannot_be_had_is_unknown_and_not_empty() -> None:
    (look,) = await look_around(scripted_lab(targets_named("a"), refuses), MODULE, Patience(lambda: 0.0))
    assert look.versions is None
    assert look.warm is None


async def test_the_order_is_drawn_anew_from_the_seed() -> None:
    async def order(seed: int) -> list[str]:
        lab = scripted_lab(targets_named(*"abcdefgh"), lists, seed=seed)
        return [look.target for look in await look_around(lab, MODULE, Patience(lambda: 0.0))]

    assert await order(1) == await order(1)
    assert await order(1) != await order(2)


async def test_a_mirror_that_asks_for_peace_is_left_alone_until_then() -> None:
    now = [1000.0]
    patience = Patience(lambda: now[0])
    targets = targets_named("a")
    assert len(await look_around(scripted_lab(targets, busy), MODULE, patience)) == 1
    assert await look_around(scripted_lab(targets, lists), MODULE, patience) == ()
    now[0] += 60
    assert len(await look_around(scripted_lab(targets, lists), MODULE, patience)) == 1


async def test_every_answer_is_kept_as_a_sample() -> None:
    lab = scripted_lab(targets_named("a"), lists)
    await look_around(lab, MODULE, Patience(lambda: 0.0))
    assert [(sample.measurement, sample.case) for sample in lab.run.samples()] == [
        ("watch", "info"),
        ("watch", "info"),
        ("watch", "list"),
    ]
