from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from modmirror.errors import ConfigError
from modmirror.lab.metricspage import page_at, read_metrics, summed
from tests.fakes.lab import JumpingClock, answered, scripted_lab, targets_named

if TYPE_CHECKING:
    from modmirror.lab.engine.port import Fetched, Request

NAME = "requests_total"
PAGE = f"""\
# HELP {NAME} Requests.
# TYPE {NAME} counter
{NAME}{{upstream="a",status="200"}} 12.0
{NAME}{{upstream="b",status="timeout"}} 3.5
{NAME}_created{{upstream="a"}} 1.7e9
other_total 99
"""


@pytest.mark.parametrize(
    ("page", "sum_"),
    [
        (PAGE, 15.5),
        (f"{NAME} 4\n", 4),
        (f"# TYPE {NAME} counter\n", 0),
        ("other_total 9\n", None),
        ("", None),
        (f"{NAME} many\n", None),
        (f"{NAME} NaN\n", None),
        (f"{NAME} +Inf\n", None),
    ],
)
def test_a_sample_is_summed_over_its_labels(page: str, sum_: float | None) -> None:
    assert summed(page, NAME) == sum_


async def test_the_server_itself_is_asked_or_the_page_that_was_named() -> None:
    asked: list[str] = []

    def metrics(request: Request, clock: JumpingClock) -> Fetched:
        asked.append(f"{request.target.url}/{request.path}")
        return answered(request, clock, body=PAGE.encode())

    (target,) = targets_named("mine")
    lab = scripted_lab((target,), metrics)
    assert await read_metrics(lab, target, "", "--page") == PAGE
    assert await read_metrics(lab, target, "http://127.0.0.1:7/up/metrics", "--page") == PAGE
    assert asked == [f"{target.url}/metrics", "http://127.0.0.1:7/up/metrics"]


async def test_a_server_without_metrics_has_no_page() -> None:
    (target,) = targets_named("mine")
    lab = scripted_lab((target,), lambda request, clock: answered(request, clock, status=404))
    assert await read_metrics(lab, target, "", "--page") is None


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("here/metrics", "names no host"),
        ("metrics", "names no host"),
        ("http://127.0.0.1:9100", "no page"),
        ("http://127.0.0.1:9100/", "no page"),
    ],
)
async def test_what_is_no_url_of_a_page_is_said_of_the_option_it_came_from(url: str, said: str) -> None:
    (target,) = targets_named("mine")
    with pytest.raises(ConfigError, match=said) as caught:
        await read_metrics(scripted_lab((target,)), target, url, "--page")
    assert caught.value.key == "--page"


def test_a_page_may_have_a_query() -> None:
    server, path = page_at("http://127.0.0.1:9100/up/metrics?format=text", "--page")
    assert (server.url, path) == ("http://127.0.0.1:9100/up", "metrics?format=text")
