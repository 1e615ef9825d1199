from __future__ import annotations

from random import Random

from modmirror.lab.engine.port import Request
from modmirror.lab.run.manifest import Manifest
from modmirror.lab.watch.labs import Labs
from tests.fakes.lab import STARTED, memory_run, targets_named

MANIFEST = Manifest(verb="watch", seed=1, started=STARTED)


async def test_what_a_round_measured_is_kept_where_it_is_wished() -> None:
    kept = memory_run("watch")
    labs = Labs(targets_named("a"), MANIFEST, Random(1), kept)
    async with labs.opened() as lab:
        # Nobody listens there: a refusal is a sample, too.
        lab.record("watch", "info", await lab.engine.fetch(Request(lab.targets[0], "x/@v/v1.0.0.info")))
        assert kept.samples() == []
    assert [(sample.measurement, sample.outcome) for sample in kept.samples()] == [("watch", "refused")]


async def test_every_round_has_a_run_of_its_own() -> None:
    labs = Labs(targets_named("a"), MANIFEST, Random(1))
    async with labs.opened() as first:
        pass
    async with labs.opened() as second:
        assert second.run is not first.run
        assert second.began == first.began
