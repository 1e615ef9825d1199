from __future__ import annotations

import pytest

from modmirror.lab.cache.upstream import METRIC, MetricsCount
from tests.fakes.lab import answered, scripted_lab, targets_named

PAGE = f'{METRIC}{{upstream="a"}} 12.0\n{METRIC}{{upstream="b"}} 3.0\n'


@pytest.mark.parametrize(
    ("status", "page", "count"), [(200, PAGE, 15), (200, "x 1\n", None), (404, PAGE, None)]
)
async def test_a_mirror_counts_its_upstream_requests_where_it_has_metrics(
    status: int, page: str, count: int | None
) -> None:
    (target,) = targets_named("mine")
    lab = scripted_lab(
        (target,), lambda request, clock: answered(request, clock, status=status, body=page.encode())
    )
    assert await MetricsCount(lab)(target) == count
