"""A sweep ends whatever the server bears, and its knee is the last rate that held."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from modmirror.lab.load.sweep import FACTOR, LEAST, knee, next_rate
from modmirror.lab.results.load import LoadStep

RATES = st.floats(LEAST, 1e5)


def step(offered: float, failed: str) -> LoadStep:
    return LoadStep(offered, offered, 0, {}, {}, {}, 0.1, part="sweep", failed=failed)


def swept(start: float, capacity: float) -> list[LoadStep]:
    steps: list[LoadStep] = []
    while (rate := next_rate(steps, start, None)) is not None:
        steps.append(step(rate, "" if rate <= capacity else "too much"))
        assert len(steps) < 200, "it does not end"
    return steps


@given(start=RATES, capacity=RATES)
def test_the_knee_is_found_to_a_quarter(start: float, capacity: float) -> None:
    found = knee(swept(start, capacity))
    if found is None:
        # Everything down to the least rate was tried: halves of the start lie apart by two.
        assert capacity < 2 * LEAST
    else:
        assert found <= capacity
        # A rate that is as near as makes no difference to one that failed is not tried.
        assert found * FACTOR * 1.001 > capacity


@given(start=RATES, held=st.lists(st.booleans(), max_size=30))
def test_a_sweep_of_a_fickle_server_ends_too(start: float, held: list[bool]) -> None:
    steps: list[LoadStep] = []
    answers = iter(held)
    while (rate := next_rate(steps, start, None)) is not None:
        steps.append(step(rate, "" if next(answers, False) else "bad moment"))
        assert len(steps) < 200, "it does not end"
    best = knee(steps)
    assert best is None or any(each.offered == best and not each.failed for each in steps)
