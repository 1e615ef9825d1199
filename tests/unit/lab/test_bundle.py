from __future__ import annotations

from modmirror.lab.engine.port import Request
from tests.fakes.lab import JumpingClock, scripted_lab, targets_named


async def test_what_is_recorded_is_kept_and_counts_from_the_beginning() -> None:
    lab = scripted_lab(targets_named("a"))
    await lab.clock.sleep_until(lab.began + 2.0)
    fetched = await lab.engine.fetch(Request(lab.targets[0], "x"))
    sample = lab.record("bench", "info", fetched, block=3, digest="h1:x")
    assert list(lab.run.samples("bench")) == [sample]
    assert (sample.target, sample.block, sample.digest, sample.started) == ("a", 3, "h1:x", 2.0)


async def test_elapsed_is_the_time_since_the_beginning() -> None:
    lab = scripted_lab(targets_named("a"))
    assert isinstance(lab.clock, JumpingClock)
    lab.clock.instant += 1.5
    assert lab.elapsed == 1.5
