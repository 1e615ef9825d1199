"""A router in the hands of a test: fixed chance, real or fake time."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from modmirror.measure.score import Prior
from modmirror.routing.plan import Question
from modmirror.routing.router import Router
from modmirror.telemetry.metrics import NullMetrics
from modmirror.upstream.guide import Guide
from modmirror.upstream.trip import Trip
from tests.fakes.chance import Fixed

if TYPE_CHECKING:
    from collections.abc import Callable

    from modmirror.measure.score import Class
    from modmirror.upstream.port import Upstream


class CountingMetrics(NullMetrics):
    """Remembers what routing counts."""

    def __init__(self) -> None:
        self.counted: list[tuple[str, ...]] = []

    def hedged(self, outcome: str) -> None:
        self.counted.append(("hedged", outcome))

    def retried(self, reason: str) -> None:
        self.counted.append(("retried", reason))

    def probed(self, upstream: str, result: str) -> None:
        self.counted.append(("probed", upstream, result))


def guide_for(
    *upstreams: Upstream, clock: Callable[[], float] = time.monotonic, scores: float | None = 0.001
) -> tuple[Guide, CountingMetrics]:
    """Return a guide that knows the upstreams. With quick ``scores`` a hedge follows after 20 ms."""
    router = Router(Fixed())
    for each in upstreams:
        router.add(each.name)
    if scores is not None:
        router.restore(
            {each.name: {"meta": Prior(scores), "zip-small": Prior(scores)} for each in upstreams}
        )
    metrics = CountingMetrics()
    return Guide(router, clock, metrics), metrics


def trip_for(guide: Guide, *upstreams: Upstream, asked: Class = "meta", measured: bool = True) -> Trip:
    """Set out for one file."""
    question = Question(tuple(each.name for each in upstreams), asked, "x.y/m", measured)
    return Trip(
        guide, question, guide.plan(question), {each.name: each for each in upstreams}, lambda _: False
    )
