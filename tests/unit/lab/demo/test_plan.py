from __future__ import annotations

from typing import TYPE_CHECKING, cast

import pytest

from modmirror.lab.demo.cast import FRESH, SUBJECT, world
from modmirror.lab.demo.plan import FULL, QUICK, Effort, Scheduled, steps
from modmirror.lab.emulate.sumdb import EmulatedSumdb
from tests.fakes.lab import scripted_lab, targets_named

if TYPE_CHECKING:
    from collections.abc import Sequence

    from modmirror.lab.demo.stage import DemoStage
    from modmirror.lab.demo.world import Publish


class Stage:
    """Remembers what was published."""

    def __init__(self) -> None:
        self.seed = 1
        self.database = EmulatedSumdb(world(1))
        self.database_url = "http://127.0.0.1:9/sumdb/sum.lab.test"
        self.targets = targets_named("good", SUBJECT)
        self.front = self.targets[-1]
        self.published: list[Publish] = []

    async def publish(self, births: Sequence[Publish]) -> None:
        self.published += births


def stage() -> tuple[Stage, DemoStage]:
    made = Stage()
    return made, cast("DemoStage", made)


@pytest.mark.parametrize("effort", [FULL, QUICK])
def test_every_verdict_has_its_measurement(effort: Effort) -> None:
    names = [step.name for step in steps(stage()[1], effort)]
    assert {"coverage", "freshness", "bench", "fault"} <= set(names)
    assert ({"protocol", "load", "replay"} <= set(names)) == effort.whole


@pytest.mark.parametrize("effort", [FULL, QUICK])
def test_a_new_version_is_looked_for_until_the_stale_mirror_shows_it(effort: Effort) -> None:
    # Looks are made at 5, 10, 20 and 40 seconds, more or less: one must fall behind the lag.
    assert effort.patience > effort.stale * 1.5


async def test_new_versions_come_when_they_are_asked_for_and_are_known_to_the_second() -> None:
    made, staged = stage()
    source = Scheduled(staged, lambda: 1000.0)
    births = await source.more(scripted_lab(made.targets), 0.0)
    assert source.next_at is None
    assert len(births) == FRESH
    assert [(birth.module.path, birth.at) for birth in births] == [
        (each.module, each.at) for each in made.published
    ]
    assert min(birth.at for birth in births) > 1000.0
