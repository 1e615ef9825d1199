from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import pytest

from modmirror.lab.bench.cases import BenchModule
from modmirror.lab.cache.analysis import NAME, cache_result
from modmirror.lab.cache.coalescing import COUNTED, INFERRED, SAID
from modmirror.lab.cache.measure import Cache, CachePlan
from modmirror.lab.target import Target, parse_target
from tests.fakes.lab import JumpingClock, answered, scripted_lab, targets_named

if TYPE_CHECKING:
    from modmirror.lab.engine.port import Fetched, Request

KEYS = tuple(BenchModule("example.com/well", f"v1.0.{number}") for number in range(18))
PLAN = CachePlan(keys=12, together=8, requests=60, modules=KEYS, exact=True)


@dataclass
class CachingMirrors:
    """Mirrors that fetch what they have not, in 0.2 s, and answer from memory in 0.01 s."""

    coalesce: bool = True
    talks: bool = True
    seen: Counter[tuple[str, str]] = field(default_factory=Counter)
    fetches: Counter[str] = field(default_factory=Counter)

    def __call__(self, request: Request, clock: JumpingClock) -> Fetched:
        if not request.path.endswith(".info"):
            return answered(request, clock, status=404)
        key = request.target.name, request.path
        self.seen[key] += 1
        # Requests on new connections are those that come at once.
        cold = self.seen[key] == 1 or (request.connection == "cold" and not self.coalesce)
        self.fetches[request.target.name] += 2 * cold
        said = {"x-modmirror-cache": "miss" if cold else "hit"} if self.talks else {}
        return answered(request, clock, 0.2 if cold else 0.01, headers=said)

    async def count(self, target: Target) -> int:
        return self.fetches[target.name]


async def test_cold_warm_and_what_a_hit_saves() -> None:
    mirrors = CachingMirrors()
    lab = scripted_lab(targets_named("a", "b"), mirrors)
    result = await Cache(PLAN, mirrors.count)(lab)
    assert sorted(result.targets) == ["a", "b"]
    found = result.targets["a"]
    assert found.cold.n == 12
    assert found.cold.value == pytest.approx(0.2)
    assert found.warm.value == pytest.approx(0.01)
    assert found.ratio.value == pytest.approx(20)
    assert found.saved_seconds == pytest.approx(0.19)
    assert (found.hits["cold"].ok, found.hits["cold"].n) == (0, 12)
    assert found.hits["warm"].ok == found.hits["warm"].n
    assert found.hits["hot"].ok == found.hits["hot"].n > 0
    assert result.hot[0].count > result.hot[-1].count
    assert cache_result(lab.run.samples(NAME), lab.run.events()) == result


@pytest.mark.parametrize(("coalesce", "fetches"), [(True, 1.0), (False, 8.0)])
async def test_fetches_for_many_at_once_are_counted_upstream(coalesce: bool, fetches: float) -> None:
    mirrors = CachingMirrors(coalesce=coalesce)
    result = await Cache(PLAN, mirrors.count)(scripted_lab(targets_named("a"), mirrors))
    found = result.targets["a"]
    assert (found.coalescing, found.concurrent) == (fetches, 8)
    assert COUNTED in found.notes


@pytest.mark.parametrize(("coalesce", "fetches"), [(True, 1.0), (False, 8.0)])
async def test_without_a_count_answers_are_believed(coalesce: bool, fetches: float) -> None:
    result = await Cache(PLAN)(scripted_lab(targets_named("a"), CachingMirrors(coalesce=coalesce)))
    assert result.targets["a"].coalescing == fetches
    assert SAID in result.targets["a"].notes


async def test_without_any_word_it_is_inferred_and_said_so() -> None:
    mirrors = CachingMirrors(talks=False)
    found = (await Cache(PLAN)(scripted_lab(targets_named("a"), mirrors))).targets["a"]
    assert INFERRED in found.notes
    assert "answers say nothing of a cache: whether a file was cold is assumed" in found.notes
    assert found.hits == {}
    assert found.cold.value == pytest.approx(0.2)


async def test_a_file_that_was_cached_already_was_not_cold() -> None:
    mirrors = CachingMirrors()
    mirrors.seen["a", KEYS[6].file("info")] = 1
    found = (await Cache(PLAN)(scripted_lab(targets_named("a"), mirrors))).targets["a"]
    assert found.cold.n == 11
    assert "1 of 12 files were cached already and are left out" in found.notes


async def test_a_host_of_somebody_else_is_not_asked_by_many_at_once() -> None:
    result = await Cache(PLAN)(scripted_lab((parse_target("http://proxy.example"),), CachingMirrors()))
    found = result.targets["proxy.example"]
    assert found.coalescing is None
    assert found.concurrent == 0
    assert found.cold.n == 12
