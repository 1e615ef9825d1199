from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from modmirror.lab.cache.upstream import METRIC, MetricsCount, total
from tests.fakes.lab import JumpingClock, answered, scripted_lab, targets_named

if TYPE_CHECKING:
    from modmirror.lab.engine.port import Fetched, Request

PAGE = f"""\
# HELP {METRIC} Requests.
# TYPE {METRIC} counter
{METRIC}{{upstream="a",status="200"}} 12.0
{METRIC}{{upstream="b",status="timeout"}} 3.0
{METRIC}_created{{upstream="a"}} 1.7e9
other_total 99
"""


@pytest.mark.parametrize(
    ("page", "count"),
    [
        (PAGE, 15),
        (f"{METRIC} 4\n", 4),
        (f"# TYPE {METRIC} counter\n", 0),
        ("other_total 9\n", None),
        ("", None),
    ],
)
def test_a_counter_is_summed_over_its_labels(page: str, count: int | None) -> None:
    assert total(page, METRIC) == count


async def test_the_mirror_itself_is_asked_or_the_page_that_was_named() -> None:
    asked: list[str] = []

    def metrics(request: Request, clock: JumpingClock) -> Fetched:
        asked.append(
            f"{request.target.url}{request.path}"
            if not request.path
            else request.target.url + "/" + request.path
        )
        return answered(request, clock, body=PAGE.encode())

    (target,) = targets_named("mine")
    lab = scripted_lab((target,), metrics)
    assert await MetricsCount(lab)(target) == 15
    assert await MetricsCount(lab, "http://127.0.0.1:7/up/metrics")(target) == 15
    assert asked == [f"{target.url}/metrics", "http://127.0.0.1:7/up/metrics"]


async def test_a_mirror_without_metrics_counts_nothing() -> None:
    (target,) = targets_named("mine")
    lab = scripted_lab((target,), lambda request, clock: answered(request, clock, status=404))
    assert await MetricsCount(lab)(target) is None
