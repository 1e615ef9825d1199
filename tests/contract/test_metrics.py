"""What every implementation of the metrics port has to take, and the fakes as well."""

from __future__ import annotations

import inspect
from typing import TYPE_CHECKING

import pytest

from modmirror.routing.router import Router
from modmirror.telemetry.metrics import Metrics, NullMetrics
from modmirror.telemetry.prometheus import PrometheusMetrics
from tests.fakes.chance import Fixed

if TYPE_CHECKING:
    from collections.abc import Callable

IMPLEMENTATIONS: list[Callable[[], Metrics]] = [NullMetrics, lambda: PrometheusMetrics("1")]
METHODS = [name for name in vars(Metrics) if not name.startswith("_")]


class Tier:
    hits = 3
    misses = 4
    evictions = 5
    held_bytes = 6


class Queue:
    name = "origin"
    waiting = 7
    refused = 8


@pytest.mark.parametrize("make", IMPLEMENTATIONS)
def test_every_method_takes_what_the_port_says(make: Callable[[], Metrics]) -> None:
    metrics = make()
    for name in METHODS:
        wanted = inspect.signature(getattr(Metrics, name)).parameters
        given = inspect.signature(getattr(metrics, name)).parameters
        assert [key for key in wanted if key != "self"] == list(given), name


@pytest.mark.parametrize("make", IMPLEMENTATIONS)
def test_no_call_raises(make: Callable[[], Metrics]) -> None:
    metrics = make()
    metrics.watch_requests(lambda: 2)
    metrics.watch_memory(Tier())
    metrics.watch_queues([Queue()])
    for status in (0, 200, 599):
        metrics.answered("zip", status, "miss", seconds=1e9, size=10**12)
        metrics.answered("zip", status, "miss", seconds=0.0, size=0)
    for name in (
        "aborted",
        "coalesced",
        "stale_served",
        "verified",
        "storage_failed",
        "alarm",
        "prefetched",
        "hedged",
        "retried",
    ):
        getattr(metrics, name)("reason")
    metrics.probed("up", "ok")
    metrics.watch_router(lambda: Router(Fixed()).standings(0.0))
    metrics.upstream_requested("up", "timeout")
    metrics.upstream_phase("up", "zip", "body", 0.5)
    metrics.fill_started()
    metrics.fill_ended("zip", "stored", 0.5)
    metrics.access_log_dropped(7)
    assert isinstance(metrics.render(), bytes)
