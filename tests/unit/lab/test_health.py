from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING

import pytest

from modmirror.lab import health
from modmirror.lab.health import drift, findings, stolen, watched

if TYPE_CHECKING:
    from pathlib import Path

    from modmirror.lab.run.manifest import Flag

GOOD = [0.0005] * 200


@pytest.mark.parametrize(
    ("cpu", "lags", "jump", "names"),
    [
        (0.3, GOOD, 0.0, []),
        (0.95, GOOD, 0.0, ["client_saturated"]),
        (0.3, [*GOOD, *[0.05] * 10], 0.0, ["client_saturated"]),
        (0.95, [0.05] * 10, 0.0, []),
        (0.3, GOOD, -30.0, ["clock_jump"]),
        (0.3, [], 3600.0, ["clock_jump"]),
        (0.3, GOOD, 0.5, []),
    ],
)
def test_only_what_spoils_numbers_is_a_finding(
    cpu: float, lags: list[float], jump: float, names: list[str]
) -> None:
    assert [flag.name for flag in findings(cpu, lags, jump)] == names


def test_a_finding_has_numbers() -> None:
    assert findings(0.0, GOOD, -30.04)[0].text.startswith("the clock was moved by -30.0 s")
    assert findings(0.951, GOOD, 0.0)[0].text == "the client used 95% of a processor"


@pytest.mark.parametrize(
    ("before", "after", "drifted"),
    [(0.0001, 0.0015, False), (0.0001, 0.0030, True), (0.0030, 0.0060, False), (0.003, 0.010, True)],
)
def test_a_client_that_became_much_slower_is_a_finding(
    before: float, after: float, *, drifted: bool
) -> None:
    found = drift({"total": before}, {"total": after})
    assert (found is not None) is drifted
    assert found is None or found.name == "drift"


@pytest.mark.parametrize(
    ("before", "after", "text"),
    [
        ([0] * 10, [50, 0, 20, 30, 0, 0, 0, 0, 0, 0], ""),
        ([0] * 10, [50, 0, 20, 0, 0, 0, 0, 30, 50, 0], "other virtual machines took 30% of the processors"),
        ([5] * 10, [5] * 10, ""),
        ([], [1] * 10, ""),
        ([1] * 4, [2] * 4, ""),
    ],
)
def test_processors_that_others_took_are_a_finding(before: list[int], after: list[int], text: str) -> None:
    found = stolen(before, after)
    assert [(flag.name, flag.text) for flag in found] == ([("cpu_steal", text)] if text else [])


def test_the_kernel_is_asked_for_stolen_time(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "stat"
    file.write_text("cpu  1 2 3 4 5 6 7 8 9 10\ncpu0 1\n")
    monkeypatch.setattr(health, "_STAT", file)
    assert health._ticks() == [1, 2, 3, 4, 5, 6, 7, 8, 9, 10]
    monkeypatch.setattr(health, "_STAT", tmp_path / "nothing")
    assert health._ticks() == []


async def test_a_clock_that_is_moved_meanwhile_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    flags: list[Flag] = []
    real = time.time
    async with watched(flags.append):
        monkeypatch.setattr(time, "time", lambda: real() + 100.0)
    assert [flag.name for flag in flags] == ["clock_jump"]


async def test_watching_ends_with_the_block_even_when_it_fails() -> None:
    before = asyncio.all_tasks()
    with pytest.raises(KeyError):
        async with watched(lambda _: None):
            raise KeyError("x")
    await asyncio.sleep(0)
    assert asyncio.all_tasks() == before
