from __future__ import annotations

import pytest

from modmirror.lab.load.collector import Collector, Pauses, between, parse_pauses
from tests.fakes.lab import answered, scripted_lab, targets_named

OWN = """\
# TYPE modproxy_gc_pause_seconds histogram
modproxy_gc_pause_seconds_bucket{le="+Inf"} 7.0
modproxy_gc_pause_seconds_count 7.0
modproxy_gc_pause_seconds_sum 0.0035
"""
GO = """\
# TYPE go_gc_duration_seconds summary
go_gc_duration_seconds{quantile="0"} 2.5e-05
go_gc_duration_seconds{quantile="1"} 0.0004
go_gc_duration_seconds_sum 0.012
go_gc_duration_seconds_count 64
"""
JVM = """\
jvm_gc_pause_seconds_count{action="end of minor GC",cause="Metadata GC Threshold",} 2.0
jvm_gc_pause_seconds_sum{action="end of minor GC",cause="Metadata GC Threshold",} 0.0625
jvm_gc_pause_seconds_count{action="end of major GC",cause="Ergonomics",} 1.0
jvm_gc_pause_seconds_sum{action="end of major GC",cause="Ergonomics",} 0.25
"""


@pytest.mark.parametrize(
    ("page", "pauses"),
    [
        (OWN, Pauses(7, 0.0035)),
        (GO, Pauses(64, 0.012)),
        (JVM, Pauses(3, 0.3125)),
        ("go_gc_duration_seconds_count 64\n", None),
        ("go_goroutines 8\n", None),
    ],
)
def test_each_kind_of_server_tells_its_pauses_in_its_own_words(page: str, pauses: Pauses | None) -> None:
    assert parse_pauses(page) == pauses


@pytest.mark.parametrize(
    ("before", "after", "pauses"),
    [
        (Pauses(3, 0.5), Pauses(5, 0.75), Pauses(2, 0.25)),
        (Pauses(3, 0.5), Pauses(3, 0.5), Pauses(0, 0.0)),
        (Pauses(9, 0.5), Pauses(1, 0.1), None),
        (None, Pauses(1, 0.1), None),
        (Pauses(1, 0.1), None, None),
    ],
)
def test_pauses_of_a_step_are_the_difference_unless_the_server_began_anew(
    before: Pauses | None, after: Pauses | None, pauses: Pauses | None
) -> None:
    assert between(before, after) == pauses


@pytest.mark.parametrize(("status", "pauses"), [(200, Pauses(7, 0.0035)), (404, None)])
async def test_a_server_is_asked_for_its_metrics(status: int, pauses: Pauses | None) -> None:
    (target,) = targets_named("mine")
    lab = scripted_lab(
        (target,), lambda request, clock: answered(request, clock, status=status, body=OWN.encode())
    )
    assert await Collector(lab, target).pauses() == pauses
