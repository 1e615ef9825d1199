from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from prometheus_client.parser import text_string_to_metric_families

from modmirror import errors
from modmirror.telemetry.prometheus import PrometheusMetrics
from modmirror.telemetry.report import TelemetryReport
from tests.fakes.sinks import ListedEvents

if TYPE_CHECKING:
    from modmirror.proxy.report import Report


@pytest.fixture
def metrics() -> PrometheusMetrics:
    return PrometheusMetrics("1")


@pytest.fixture
def events() -> ListedEvents:
    return ListedEvents()


@pytest.fixture
def report(metrics: PrometheusMetrics, events: ListedEvents) -> Report:
    return TelemetryReport(metrics, events)


def value(metrics: PrometheusMetrics, name: str, **labels: str) -> float:
    for family in text_string_to_metric_families(metrics.render().decode()):
        for sample in family.samples:
            if sample.name == name and sample.labels == labels:
                return sample.value
    raise AssertionError(f"{name}{labels} is not on the page")


@pytest.mark.parametrize(
    ("error", "result", "level"),
    [
        (None, "stored", "info"),
        (errors.NotExist("gone"), "not-found", "debug"),
        (errors.UpstreamTimeout("up", "slow"), "upstream-failed", "warning"),
        (errors.BadZip("bad"), "rejected", "warning"),
        (errors.StorageFull("full"), "storage-failed", "warning"),
        (errors.Overloaded("busy", retry_after=1), "failed", "warning"),
    ],
)
def test_a_fill_ends_with_a_result_and_a_fitting_event(
    report: Report,
    metrics: PrometheusMetrics,
    events: ListedEvents,
    error: errors.Error | None,
    result: str,
    level: str,
) -> None:
    report.fill_started("zip")
    assert value(metrics, "modproxy_fills_running") == 1
    report.fill_ended("zip", "m@v1.0.0", seconds=0.5, upstream="up", error=error)
    assert value(metrics, "modproxy_fills_running") == 0
    assert value(metrics, "modproxy_fills_total", kind="zip", result=result) == 1
    ((told, _, fields),) = events.seen
    assert (told, fields["subject"]) == (level, "m@v1.0.0")


def test_a_failing_store_is_counted_by_its_kind(report: Report, metrics: PrometheusMetrics) -> None:
    report.fill_started("zip")
    report.fill_ended("zip", "m@v1", seconds=0, upstream="", error=errors.StorageFull("full"))
    assert value(metrics, "modproxy_storage_errors_total", kind="StorageFull") == 1


def test_the_rest_is_counted_and_logged(
    report: Report, metrics: PrometheusMetrics, events: ListedEvents
) -> None:
    report.coalesced("zip")
    report.stale_served("list", "m@list", "UpstreamTimeout")
    report.verified("m@v1", "ok")
    report.alarm("hash-mismatch", "m@v1", errors.HashMismatch("differs", want="a", got="b"))
    assert value(metrics, "modproxy_coalesced_total", kind="zip") == 1
    assert value(metrics, "modproxy_stale_served_total", reason="UpstreamTimeout") == 1
    assert value(metrics, "modproxy_verifications_total", result="ok") == 1
    assert value(metrics, "modproxy_alarms_total", event="hash-mismatch") == 1
    assert [level for level, _, _ in events.seen] == ["warning", "debug", "error"]


def test_old_answers_where_nobody_may_be_asked_are_counted_but_no_warning(
    report: Report, metrics: PrometheusMetrics, events: ListedEvents
) -> None:
    report.stale_served("list", "x.y/m@list", "FetchDisabled")
    report.stale_served("list", "x.y/m@list", "UpstreamTimeout")
    assert value(metrics, "modproxy_stale_served_total", reason="FetchDisabled") == 1
    assert [level for level, _, _ in events.seen] == ["debug", "warning"]
