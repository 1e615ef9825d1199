from __future__ import annotations

from dataclasses import replace

from modmirror.lab.bench.cases import BenchModule
from modmirror.lab.engine.port import Fetched, Request, TlsFacts
from modmirror.lab.probe.measure import Probe, ProbePlan, looked_at
from modmirror.measure.sample import Timing
from tests.fakes.lab import JumpingClock, ScriptedEngine, answered, scripted_lab, targets_named

PLAN = ProbePlan(module=BenchModule("example.com/a", "v1.0.0"))


async def test_a_mirror_is_asked_cold_and_then_warm() -> None:
    lab = scripted_lab(targets_named("a"))
    result = await Probe(PLAN)(lab)
    assert isinstance(lab.engine, ScriptedEngine)
    assert [request.connection for request in lab.engine.asked] == ["cold"] * 3 + ["warm"] * 5
    assert (result.targets["a"].cold.n, result.targets["a"].warm.n) == (3, 5)
    assert len(lab.run.samples("probe")) == 8


async def test_a_mirror_that_does_not_answer_is_a_line_and_no_more() -> None:
    def dead(request: Request, clock: JumpingClock) -> Fetched:
        return Fetched(request, "refused", Timing(total=0.1), clock.now(), reason="nothing listens there")

    lab = scripted_lab(targets_named("a", "b"), dead)
    result = await Probe(PLAN)(lab)
    found = result.targets["a"]
    assert (found.status, found.reason) == (None, "nothing listens there")
    assert (found.cold.n, found.cold.failed, found.cold.total, found.warm.n) == (3, 3, None, 0)
    assert set(result.targets) == {"a", "b"}


async def test_an_answer_with_a_status_that_is_not_good_shows_its_phases_all_the_same() -> None:
    def gone(request: Request, clock: JumpingClock) -> Fetched:
        return answered(request, clock, 0.2, status=404)

    found = (await Probe(PLAN)(scripted_lab(targets_named("a"), gone))).targets["a"]
    assert (found.status, found.reason, found.cold.failed) == (404, "status 404", 3)
    assert found.cold.phases["wait"] == 0.2


async def test_a_mirror_that_keeps_no_connection_shows_nothing_warm() -> None:
    def closing(request: Request, clock: JumpingClock) -> Fetched:
        return replace(answered(request, clock), reused=False)

    found = (await Probe(PLAN)(scripted_lab(targets_named("a"), closing))).targets["a"]
    assert found.warm.n == 0


def test_the_facts_are_those_of_the_last_answer() -> None:
    (target,) = targets_named("a")
    good = answered(Request(target, "x"), JumpingClock(), headers={"age": "3", "date": "now"})
    tls = TlsFacts("TLSv1.3", "AES", "Some CA", "x", "2027")
    found = looked_at(target, [replace(good, tls=tls)], [])
    assert (found.tls, found.issuer, found.expires) == ("TLSv1.3 AES", "Some CA", "2027")
    assert found.headers == {"age": "3"}
