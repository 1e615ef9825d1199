from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

import pytest
from msgspec import Struct

from modmirror.errors import Error, StorageFull
from modmirror.lab.clock import SystemClock, today
from modmirror.lab.progress import Silent
from modmirror.lab.results.events import Event
from modmirror.lab.run.folder import RunFolder
from modmirror.lab.run.manifest import Manifest
from modmirror.lab.study import performing
from modmirror.lab.study.performing import Bench, perform
from modmirror.lab.study.steps import FAILED, Step
from tests.fakes.lab import sample, targets_named

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable
    from pathlib import Path

    from modmirror.lab.bundle import Lab
    from modmirror.lab.run.manifest import Flag


class Found(Struct):
    number: int


class Measuring:
    """Keeps one sample and draws one number, then ends as it is told."""

    def __init__(self, name: str, ending: BaseException | None = None) -> None:
        self.name = name
        self.ending = ending
        self.seen: list[tuple[str, ...]] = []

    async def __call__(self, lab: Lab) -> Found:
        self.seen.append(tuple(target.name for target in lab.targets))
        lab.run.append(sample(measurement=self.name))
        lab.run.event(Event(lab.elapsed, "measured", self.name))
        if self.ending is not None:
            raise self.ending
        return Found(lab.chance.randrange(1_000_000))

    def step(self, **more: object) -> Step:
        return Step(self.name, self, self.name, frozenset({self.name}), **more)  # type: ignore[arg-type]


@pytest.fixture(autouse=True)
def _calm(monkeypatch: pytest.MonkeyPatch) -> None:
    """Judge no run by how busy the machine of the tests is."""

    @asynccontextmanager
    async def calm(flag: Callable[[Flag], None]) -> AsyncIterator[None]:
        del flag
        yield

    monkeypatch.setattr(performing, "watched", calm)
    monkeypatch.setattr(performing, "drift", lambda before, after: None)


def bench_in(folder: Path, seed: int = 1) -> Bench:
    path = folder / "run"
    if path.exists():
        run = RunFolder.open(path, today)
    else:
        run = RunFolder.create(path, Manifest("study", seed, today()), today)
    return Bench(run, targets_named("a", "b"), SystemClock(), Silent())


async def test_what_has_its_result_is_not_made_again(tmp_path: Path) -> None:
    first, second = Measuring("probe"), Measuring("bench")
    assert await perform(bench_in(tmp_path), [first.step()]) == ()
    again = bench_in(tmp_path)
    assert await perform(again, [first.step(), second.step()]) == ()
    assert (len(first.seen), len(second.seen)) == (1, 1)
    assert [each.measurement for each in again.run.samples()] == ["probe", "bench"]
    assert await perform(bench_in(tmp_path), [first.step(), second.step()]) == ()
    assert (len(first.seen), len(second.seen)) == (1, 1)


async def test_what_was_interrupted_is_made_again_without_its_old_samples(tmp_path: Path) -> None:
    interrupted = Measuring("bench", asyncio.CancelledError())
    bench = bench_in(tmp_path)
    with pytest.raises(asyncio.CancelledError):
        await perform(bench, [interrupted.step()])
    assert len(bench.run.samples()) == 1
    again = bench_in(tmp_path)
    whole = Measuring("bench")
    await perform(again, [whole.step()])
    assert len(again.run.samples("bench")) == 1
    assert [event.name for event in again.run.events()] == ["step begun", "measured", "step done"]
    for name in ("set-aside-samples.jsonl", "set-aside-events.jsonl"):
        assert (again.run.path / name).exists()
    assert again.run.result("bench", Found) is not None


async def test_a_step_draws_the_same_whether_or_not_others_were_skipped(tmp_path: Path) -> None:
    both = bench_in(tmp_path / "one", seed=5)
    await perform(both, [Measuring("probe").step(), Measuring("bench").step()])
    alone = bench_in(tmp_path / "two", seed=5)
    await perform(alone, [Measuring("bench").step()])
    assert both.run.result("bench", Found) == alone.run.result("bench", Found)


async def test_a_step_that_cannot_be_made_does_not_stop_the_others(tmp_path: Path) -> None:
    bench = bench_in(tmp_path)
    failing, other = Measuring("fault", Error("nothing starts here")), Measuring("bench")
    problems = await perform(bench, [failing.step(), other.step()])
    assert problems == ("fault: nothing starts here",)
    assert bench.run.result("bench", Found) is not None
    assert bench.run.result("fault", Found) is None
    assert [event.text for event in bench.run.events() if event.name == FAILED] == list(problems)
    # The next time it is tried again.
    failing.ending = None
    assert await perform(bench_in(tmp_path), [failing.step(), other.step()]) == ()


async def test_a_full_disk_ends_the_study(tmp_path: Path) -> None:
    after = Measuring("bench")
    with pytest.raises(StorageFull):
        await perform(bench_in(tmp_path), [Measuring("probe", StorageFull("full")).step(), after.step()])
    assert after.seen == []


async def test_a_step_may_have_targets_of_its_own(tmp_path: Path) -> None:
    every, none = Measuring("probe"), Measuring("fault")
    await perform(bench_in(tmp_path), [every.step(), none.step(targets=())])
    assert (every.seen, none.seen) == ([("a", "b")], [()])


async def test_time_counts_from_the_beginning_of_the_study(tmp_path: Path) -> None:
    run = RunFolder.create(tmp_path / "run", Manifest("study", 1, "2026-01-02T03:04:05+00:00"), today)
    await perform(Bench(run, (), SystemClock(), Silent()), [Measuring("probe").step()])
    (measured,) = (event for event in run.events() if event.name == "measured")
    assert measured.at > 1000
