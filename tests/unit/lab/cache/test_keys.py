from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from modmirror.errors import ConfigError
from modmirror.lab.bench.cases import BenchModule
from modmirror.lab.cache.keys import LOOK, draw_keys
from tests.fakes.lab import JumpingClock, answered, scripted_lab, targets_named

if TYPE_CHECKING:
    from modmirror.lab.engine.port import Fetched, Request

MODULE = BenchModule("example.com/a", "v1.2.0")


def lists(request: Request, clock: JumpingClock) -> Fetched:
    if request.target.name == "broken":
        return answered(request, clock, status=500)
    return answered(request, clock, body=b"v1.0.0\nv1.1.0\nnonsense\nv2.0.0\nv1.2.0\nv1.1.1\n")


async def test_old_versions_are_drawn_and_what_is_no_version_is_passed_over() -> None:
    lab = scripted_lab(targets_named("broken", "good"), lists)
    keys = await draw_keys(lab, [MODULE], 10)
    assert sorted(key.version for key in keys) == ["v1.0.0", "v1.1.0", "v1.1.1"]
    assert {key.path for key in keys} == {"example.com/a"}
    assert [sample.outcome for sample in lab.run.samples(LOOK)] == ["5xx", "ok"]


async def test_the_same_seed_draws_the_same() -> None:
    drawn = [
        await draw_keys(scripted_lab(targets_named("good"), lists, seed=3), [MODULE], 2) for _ in range(2)
    ]
    assert drawn[0] == drawn[1]
    assert len(drawn[0]) == 2


async def test_without_any_list_there_are_no_cold_files() -> None:
    with pytest.raises(ConfigError, match="no list"):
        await draw_keys(scripted_lab(targets_named("broken"), lists), [MODULE], 2)
