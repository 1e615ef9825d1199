from __future__ import annotations

from modmirror.telemetry.metrics import REQUEST_BUCKETS
from modmirror.telemetry.tally import AnswerTally


def values(tally: AnswerTally) -> dict[tuple[str, ...], float]:
    return {
        (sample.name, *sample.labels.values()): sample.value
        for metric in tally.collect()
        for sample in metric.samples
    }


def test_nothing_counted_is_nothing_but_zero_bytes() -> None:
    assert values(AnswerTally()) == {("modproxy_response_bytes_total",): 0}


def test_each_combination_of_labels_has_its_count() -> None:
    tally = AnswerTally()
    for status in (200, 200, 404):
        tally.add("info", status, "hit", seconds=0.1, size=1)
    got = values(tally)
    assert got["modproxy_requests_total", "info", "200", "hit"] == 2
    assert got["modproxy_requests_total", "info", "404", "hit"] == 1
    assert got["modproxy_response_bytes_total",] == 3


def test_a_duration_on_a_bound_belongs_below_it_and_buckets_add_up() -> None:
    tally = AnswerTally()
    for seconds in (*REQUEST_BUCKETS, 1e6):
        tally.add("zip", 200, "miss", seconds=seconds, size=0)
    got = values(tally)
    for reached, bound in enumerate(REQUEST_BUCKETS, 1):
        assert got["modproxy_request_seconds_bucket", "zip", "miss", str(bound)] == reached
    everything = len(REQUEST_BUCKETS) + 1
    assert got["modproxy_request_seconds_bucket", "zip", "miss", "+Inf"] == everything
    assert got["modproxy_request_seconds_count", "zip", "miss"] == everything
    assert got["modproxy_request_seconds_sum", "zip", "miss"] == sum(REQUEST_BUCKETS) + 1e6
