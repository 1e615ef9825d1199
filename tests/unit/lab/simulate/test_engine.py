from __future__ import annotations

from modmirror.lab.simulate.engine import Engine


def test_things_happen_in_order_of_their_moment_then_of_planning() -> None:
    engine = Engine()
    happened: list[tuple[float, str]] = []
    engine.after(2.0, lambda: happened.append((engine.now, "late")))
    engine.after(1.0, lambda: happened.append((engine.now, "one")))
    engine.at(1.0, lambda: happened.append((engine.now, "two")))
    engine.run(10.0)
    assert happened == [(1.0, "one"), (1.0, "two"), (2.0, "late")]
    assert engine.now == 10.0


def test_what_is_cancelled_does_not_happen() -> None:
    engine = Engine()
    happened: list[str] = []
    timer = engine.after(1.0, lambda: happened.append("never"))
    timer.cancel()
    engine.run(10.0)
    assert happened == []


def test_what_comes_after_the_end_waits_for_the_next_run() -> None:
    engine = Engine()
    happened: list[float] = []
    engine.after(5.0, lambda: happened.append(engine.now))
    engine.run(4.0)
    assert happened == []
    engine.run(5.0)
    assert happened == [5.0]


def test_nothing_happens_in_the_past() -> None:
    engine = Engine()
    happened: list[float] = []
    engine.run(3.0)
    engine.at(1.0, lambda: happened.append(engine.now))
    engine.run(3.0)
    assert happened == [3.0]
