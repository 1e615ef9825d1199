from __future__ import annotations

import re

import pytest

from modmirror.telemetry.metrics import SPECS, Metrics, MetricSpec, NullMetrics

CLIENTS_CHOOSE = {"module", "version", "path", "client", "user_agent"}


def test_names_are_unique() -> None:
    assert len({spec.name for spec in SPECS}) == len(SPECS)


@pytest.mark.parametrize("spec", SPECS, ids=lambda spec: spec.name)
def test_a_name_says_what_it_counts_in_the_words_of_prometheus(spec: MetricSpec) -> None:
    assert re.fullmatch(r"modproxy_[a-z_]+", spec.name)
    assert spec.name.endswith("_total") is (spec.kind == "counter")
    assert spec.help.endswith(".")
    assert bool(spec.buckets) is (spec.kind == "histogram")
    assert sorted(spec.buckets) == list(spec.buckets)


@pytest.mark.parametrize("spec", SPECS, ids=lambda spec: spec.name)
def test_no_label_holds_what_a_client_can_choose(spec: MetricSpec) -> None:
    if spec.name != "modproxy_build_info":
        assert CLIENTS_CHOOSE.isdisjoint(spec.labels)


def test_the_silent_twin_takes_everything_and_renders_nothing() -> None:
    silent: Metrics = NullMetrics()
    silent.answered("info", 200, "hit", seconds=0.1, size=3)
    silent.aborted("left")
    silent.watch_requests(lambda: 1)
    silent.coalesced("zip")
    silent.stale_served("UpstreamTimeout")
    silent.upstream_requested("up", "200")
    silent.upstream_phase("up", "zip", "head", 0.1)
    silent.fill_started()
    silent.fill_ended("zip", "stored", 0.1)
    silent.verified("ok")
    silent.storage_failed("StorageFull")
    silent.alarm("fork")
    silent.access_log_dropped(1)
    assert silent.render() == b""
