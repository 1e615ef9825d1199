from __future__ import annotations

from modmirror.lab.engine.calibration import calibrate
from tests.fakes.lab import JumpingClock, ScriptedEngine, answered


async def test_the_floor_is_the_median_after_the_first_rounds() -> None:
    clock = JumpingClock()
    slow_at_first = iter([1.0] * 10 + [0.001, 0.002, 0.003] * 40)
    engine = ScriptedEngine(lambda request: answered(request, clock, next(slow_at_first)))
    floor = await calibrate(engine, rounds=30)
    assert 0.0009 < floor.median["wait"] < 0.0031
    assert floor.mad["wait"] <= 0.0011
    assert floor.median["connect"] == 0.0
    assert {request.connection for request in engine.asked} == {"cold", "warm"}
