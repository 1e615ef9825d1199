"""Everything the mirror tells the world about itself, and the clocks it tells it by, in one hand."""

from __future__ import annotations

import os
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from modmirror.telemetry.access_log import AccessLog, NullAccessLog
from modmirror.telemetry.events import Events, NullEvents
from modmirror.telemetry.metrics import Metrics, NullMetrics
from modmirror.telemetry.request_id import RequestIds

if TYPE_CHECKING:
    from collections.abc import Callable


def _fresh_ids() -> RequestIds:
    return RequestIds(os.urandom(8))


@dataclass(frozen=True, slots=True, kw_only=True)
class Instruments:
    """Sinks, silent unless given, and clocks, real unless given."""

    metrics: Metrics = field(default_factory=NullMetrics)
    access_log: AccessLog = field(default_factory=NullAccessLog)
    events: Events = field(default_factory=NullEvents)
    new_id: Callable[[], str] = field(default_factory=_fresh_ids)
    now: Callable[[], float] = time.time
    """Seconds since the epoch."""
    ticks: Callable[[], float] = time.perf_counter
    """Seconds for measuring durations."""
