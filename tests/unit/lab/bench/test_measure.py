from __future__ import annotations

from collections import Counter, defaultdict
from random import Random
from typing import TYPE_CHECKING

from modmirror.lab.bench.cases import BenchModule, parse_modules
from modmirror.lab.bench.measure import LOOK, Bench, BenchPlan
from modmirror.lab.emulate.behaviour import Behaviour
from modmirror.lab.politeness import VolumeSpent
from tests.fakes.lab import JumpingClock, ScriptedEngine, answered, scripted_lab, targets_named
from tests.fakes.loopback_lab import emulated, loopback_lab

if TYPE_CHECKING:
    from collections.abc import Callable

    from modmirror.lab.engine.port import Fetched, Request

MODULES = (BenchModule("example.com/a", "v1.0.0"), BenchModule("example.com/b", "v1.0.0"))


def mirrors(seed: int, seconds: dict[str, float]) -> Callable[[Request, JumpingClock], Fetched]:
    """Return an answer law: log-normal times around a median by target, content as it should be."""
    chance = Random(seed)

    def answer(request: Request, clock: JumpingClock) -> Fetched:
        body = b"v1.0.0\n" if request.path.endswith("list") else b'{"Version":"v1.0.0"}'
        return answered(
            request, clock, seconds[request.target.name] * chance.lognormvariate(0, 0.2), body=body
        )

    return answer


async def test_every_block_asks_every_target_for_every_case_once() -> None:
    lab = scripted_lab(targets_named("a", "b"), mirrors(1, {"a": 0.01, "b": 0.01}))
    result = await Bench(BenchPlan(blocks=5, modules=MODULES, early_stop=False))(lab)
    asked = Counter(
        (sample.block, sample.target, sample.case, sample.connection) for sample in lab.run.samples("bench")
    )
    assert set(asked.values()) == {1}
    assert len(asked) == 5 * 2 * 5
    assert (result.blocks, result.stopped) == (5, "")
    assert set(result.cases) == {
        "info/cold", "info/warm", "list/warm", "module:example.com/a", "module:example.com/b",
    }  # fmt: skip


async def test_within_a_block_all_targets_are_asked_for_the_same_module() -> None:
    lab = scripted_lab(targets_named("a", "b"), mirrors(1, {"a": 0.01, "b": 0.01}))
    await Bench(BenchPlan(blocks=4, modules=MODULES, early_stop=False))(lab)
    paths: dict[int, set[str]] = defaultdict(set)
    for sample in lab.run.samples("bench"):
        if sample.case == "info":
            paths[sample.block].add(sample.path)
    assert [len(each) for each in paths.values()] == [1, 1, 1, 1]
    assert paths[0] != paths[1]


async def test_the_same_seed_asks_in_the_same_order() -> None:
    orders = []
    for seed in (4, 4, 5):
        lab = scripted_lab(targets_named("a", "b"), mirrors(1, {"a": 0.01, "b": 0.01}), seed=seed)
        await Bench(BenchPlan(blocks=3, modules=MODULES))(lab)
        orders.append([(sample.target, sample.case) for sample in lab.run.samples()])
    assert orders[0] == orders[1] != orders[2]


async def test_a_clear_difference_ends_it_early_and_is_told() -> None:
    lab = scripted_lab(targets_named("a", "b"), mirrors(2, {"a": 0.01, "b": 0.05}))
    result = await Bench(BenchPlan(blocks=100, modules=MODULES[:1]))(lab)
    assert result.blocks == 25
    assert result.stopped == "after 25 of 100 blocks every difference was clear"
    assert result.groups["info/warm"] == {"a": "a", "b": "b"}


async def test_it_goes_on_for_a_quantile_that_needs_more_blocks() -> None:
    lab = scripted_lab(targets_named("a", "b"), mirrors(2, {"a": 0.01, "b": 0.05}))
    result = await Bench(BenchPlan(blocks=100, modules=MODULES[:1], least_blocks=72))(lab)
    assert result.blocks == 100
    assert result.targets["a"]["info/warm"].p95.value is not None


async def test_blocks_of_a_warm_up_do_not_count_for_a_quantile() -> None:
    chance = Random(3)
    asked = 0

    def warming(request: Request, clock: JumpingClock) -> Fetched:
        nonlocal asked
        asked += 1
        seconds = (0.01 if request.target.name == "a" else 0.05) * (5 if asked <= 60 else 1)
        body = b"v1.0.0\n" if request.path.endswith("list") else b'{"Version":"v1.0.0"}'
        return answered(request, clock, seconds * chance.lognormvariate(0, 0.1), body=body)

    lab = scripted_lab(targets_named("a", "b"), warming)
    result = await Bench(BenchPlan(blocks=150, modules=MODULES[:1], least_blocks=72))(lab)
    # Half of the blocks would be enough, had they all been steady.
    assert result.blocks == 150
    assert set(result.warm_up or ()) == {"a", "b"}
    assert result.targets["a"]["info/warm"].p95.value is not None


async def test_without_leave_to_stop_all_blocks_are_made() -> None:
    lab = scripted_lab(targets_named("a", "b"), mirrors(2, {"a": 0.01, "b": 0.05}))
    result = await Bench(BenchPlan(blocks=30, modules=MODULES[:1], early_stop=False))(lab)
    assert (result.blocks, result.stopped) == (30, "")


async def test_a_mirror_that_serves_other_content_is_not_fast() -> None:
    def lie(request: Request, clock: JumpingClock) -> Fetched:
        return answered(request, clock, 0.0001, body=b"<html>log in first</html>")

    lab = scripted_lab(targets_named("a"), lie)
    result = await Bench(BenchPlan(blocks=10, modules=MODULES))(lab)
    for distribution in result.targets["a"].values():
        assert (distribution.n, distribution.failed) == (0, 10)


async def test_warm_requests_follow_throw_away_ones() -> None:
    lab = scripted_lab(targets_named("a"), mirrors(1, {"a": 0.01}))
    await Bench(BenchPlan(blocks=2, modules=MODULES))(lab)
    assert isinstance(lab.engine, ScriptedEngine)
    warm = [request for request in lab.engine.asked if request.connection == "warm"]
    assert len(lab.engine.warmed) == len(warm)


async def test_a_spent_volume_ends_it_with_what_there_is() -> None:
    left = iter(range(30))

    def spend(request: Request, clock: JumpingClock) -> Fetched:
        if next(left, None) is None:
            raise VolumeSpent("200 MB were fetched")
        return answered(request, clock, body=b'{"Version":"v1.0.0"}')

    lab = scripted_lab(targets_named("a", "b"), spend)
    result = await Bench(BenchPlan(blocks=100, modules=MODULES))(lab)
    assert result.stopped == "200 MB were fetched"
    assert len(lab.run.samples("bench")) == 30


async def test_each_zip_is_looked_at_before_and_that_counts_for_nothing() -> None:
    def answer(request: Request, clock: JumpingClock) -> Fetched:
        return answered(request, clock, status=404)

    lab = scripted_lab(targets_named("a", "b"), answer)
    modules = (BenchModule("example.com/a", "v1.0.0", zip="large"),)
    await Bench(BenchPlan(blocks=4, zips=2, modules=modules))(lab)
    assert Counter(sample.target for sample in lab.run.samples(LOOK)) == {"a": 1, "b": 1}
    zips = [sample.block for sample in lab.run.samples("bench") if sample.case == "zip-large"]
    assert sorted(zips) == [0, 0, 2, 2]


async def test_the_first_look_tells_which_zips_are_large() -> None:
    modules = parse_modules(["example.com/lab/yaml@v1.3.0", "example.com/lab/large@v1.1.0"])
    behaviours = {"good": Behaviour(), "without": Behaviour(missing=1.0)}
    async with emulated(behaviours) as (_, targets), loopback_lab(*targets) as lab:
        await Bench(BenchPlan(blocks=2, zips=2, modules=modules))(lab)
        samples = [sample for sample in lab.run.samples("bench") if sample.path.endswith(".zip")]
    assert {(sample.case, sample.path.rpartition("/@v/")[0]) for sample in samples} == {
        ("zip-small", "example.com/lab/yaml"),
        ("zip-large", "example.com/lab/large"),
    }
    assert {sample.target for sample in samples} == {"good", "without"}


async def test_the_corpus_is_known_by_its_digest() -> None:
    lab = scripted_lab(targets_named("a"), mirrors(1, {"a": 0.01}))
    await Bench(BenchPlan(blocks=1, modules=MODULES))(lab)
    assert lab.run.manifest.corpus.startswith("sha256:")
