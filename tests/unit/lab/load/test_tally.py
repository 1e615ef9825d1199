from __future__ import annotations

import gc
import time

from modmirror.lab.load.tally import Tally
from modmirror.measure.histogram import Histogram


def test_only_good_answers_and_timeouts_have_a_time() -> None:
    tally = Tally()
    tally.done("ok", 200, 0.0, 0.5, 1.0)
    tally.done("timeout", 0, 0.0, 0.5, 4.0)
    tally.done("reset", 0, 0.0, 0.5, 9.0)
    counted = tally.counted(cpu=1.0, seconds=2.0)
    assert len(Histogram.decode(counted.response)) == 2
    assert Histogram.decode(counted.service).maximum
    assert counted.errors == {"timeout": 1, "reset": 1}
    assert (counted.answered, counted.rejected) == (1, 0)


def test_pauses_of_the_garbage_collector_are_timed_while_the_block_runs() -> None:
    tally = Tally()
    before = len(gc.callbacks)
    with tally.watching_pauses(time.monotonic):
        gc.collect()
    gc.collect()
    assert len(tally.pauses) >= 1
    assert len(gc.callbacks) == before
