"""How long the garbage collector held up everything else, kept as plain numbers (see ``tally``)."""

from __future__ import annotations

import gc
import time
from bisect import bisect_left
from contextlib import contextmanager
from itertools import accumulate
from typing import TYPE_CHECKING

from prometheus_client.core import HistogramMetricFamily

from modmirror.telemetry.metrics import PAUSE_BUCKETS, SPECS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from prometheus_client.metrics_core import Metric

NAME = "modproxy_gc_pause_seconds"
_BOUNDS = [*map(str, PAUSE_BUCKETS), "+Inf"]


class PauseTally:
    """Pauses of this process while it watches."""

    def __init__(self, now: Callable[[], float] = time.perf_counter) -> None:
        self._now = now
        self._began = 0.0
        self._counts = [0] * len(_BOUNDS)
        self._seconds = 0.0

    @contextmanager
    def watching(self) -> Iterator[None]:
        """Time every run of the collector while the block runs."""
        gc.callbacks.append(self._heard)
        try:
            yield
        finally:
            gc.callbacks.remove(self._heard)

    def collect(self) -> Iterator[Metric]:
        """Yield the pauses so far."""
        (spec,) = (spec for spec in SPECS if spec.name == NAME)
        family = HistogramMetricFamily(spec.name, spec.help)
        # Each bucket of the text format counts the smaller ones too.
        reached = accumulate(list(self._counts))
        family.add_metric([], list(zip(_BOUNDS, reached, strict=True)), self._seconds)
        yield family

    def _heard(self, phase: str, info: dict[str, int]) -> None:
        """See :data:`gc.callbacks`. The collector runs in one thread at a time, and never within itself."""
        del info
        if phase == "start":
            self._began = self._now()
            return
        seconds = self._now() - self._began
        self._counts[bisect_left(PAUSE_BUCKETS, seconds)] += 1
        self._seconds += seconds
