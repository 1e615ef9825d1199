from __future__ import annotations

import pytest

from modmirror.lab.load.fitness import saturated
from modmirror.lab.results.load import LoadStep


def step(cpu: float, late: float | None, p50: float | None, failed: str = "") -> LoadStep:
    return LoadStep(100, 100, 0, {"p50": p50}, {}, {}, cpu, lateness_p99=late, failed=failed)


@pytest.mark.parametrize(
    ("measured", "said"),
    [
        (step(0.5, 0.0005, 0.001), ""),
        (step(0.81, 0.0, 0.001), "used 81% of a processor"),
        (step(0.81, 0.0, 0.001, "slow"), "used 81% of a processor"),
        (step(0.1, 0.002, 0.001), "2.0 ms too late at P99, more than 1.0 ms"),
        (step(0.1, 0.002, 0.1), ""),
        (step(0.1, 0.006, 0.1), "6.0 ms too late at P99, more than 5.0 ms"),
        (step(0.1, 0.006, 0.1, "slow"), ""),
        (step(0.1, None, None), ""),
    ],
)
def test_a_client_that_was_its_own_bottleneck(measured: LoadStep, said: str) -> None:
    flag = saturated(measured)
    assert (flag is not None) == bool(said)
    assert said in (flag.text if flag else "")
