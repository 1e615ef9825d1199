from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from modmirror.lab.net import selftest as module
from modmirror.lab.net.profile import Link, NetProfile, Topology
from modmirror.lab.net.selftest import TRIES, check_link, check_links, judge
from modmirror.lab.net.shaper import TcpBackend

if TYPE_CHECKING:
    from modmirror.lab.results.links import LinkCheck

LINE = NetProfile(name="line", rtt_ms=40, rate_down=20, rate_up=20)


def test_a_link_within_ten_percent_is_good() -> None:
    check = judge("eu", "tcp", LINE, connect=0.04, rtt=0.0437, rate=18.2)
    assert (check.good, check.note) == (True, "")
    assert check.asked == {"rtt_ms": 40, "rate_down": 20}
    assert check.measured == {"rtt_ms": 43.7, "connect_ms": 40.0, "rate_down": 18.2}


@pytest.mark.parametrize(
    ("rtt", "rate", "note"),
    [
        (0.0445, 20.0, "round trip 44.5 ms instead of 40 ms"),
        (0.0355, 20.0, "round trip 35.5 ms instead of 40 ms"),
        (0.040, 17.0, "17.0 Mbit/s instead of 20"),
        (0.040, 23.0, "23.0 Mbit/s instead of 20"),
    ],
)
def test_a_link_that_is_off_by_more_is_refused_with_the_numbers(rtt: float, rate: float, note: str) -> None:
    check = judge("eu", "tcp", LINE, connect=0.04, rtt=rtt, rate=rate)
    assert (check.good, check.note) == (False, note)


def test_two_milliseconds_are_allowed_to_the_shortest_link() -> None:
    near = NetProfile(rtt_ms=3)
    assert judge("a", "tcp", near, connect=0, rtt=0.0049, rate=0).good
    assert not judge("a", "tcp", near, connect=0, rtt=0.0051, rate=0).good


def test_a_lossy_or_very_fast_line_is_not_judged_by_its_rate() -> None:
    lossy, fast = NetProfile(loss=0.01, rate_down=20), NetProfile(rate_down=1000)
    assert judge("a", "tcp", lossy, connect=0, rtt=0, rate=3).good
    assert judge("a", "tcp", fast, connect=0, rtt=0, rate=400).good


async def test_a_shaped_link_is_measured_as_it_was_asked_for() -> None:
    profile = NetProfile(rtt_ms=60, rate_down=8, rate_up=8)
    backend = TcpBackend()
    await backend.apply(Topology((Link(region="eu", host="127.0.0.1", port=9, profile=profile),)))
    try:
        check = await check_link(backend, "eu", profile)
    finally:
        await backend.close()
    # A busy machine makes it slower, never faster.
    assert 59.9 <= check.measured["rtt_ms"] < 120
    assert check.measured["connect_ms"] >= 59.9
    assert 3 < check.measured["rate_down"] <= 8.8
    assert (check.region, check.backend) == ("eu", "tcp")


@pytest.mark.parametrize(
    ("error", "why"),
    [(ConnectionRefusedError(111, "refused"), "refused"), (TimeoutError(), "no answer within 60 s")],
)
async def test_a_link_that_is_cut_is_not_good(error: OSError, why: str) -> None:
    backend = TcpBackend()
    await backend.apply(Topology((Link(region="eu", host="127.0.0.1", port=9, profile=LINE),)))
    try:

        async def refuse(*_: object) -> None:
            raise error

        backend.open = refuse  # type: ignore[method-assign, assignment]  # the way is broken
        check = await check_link(backend, "eu", LINE)
    finally:
        await backend.close()
    assert not check.good
    assert check.note == f"the link carried nothing: {why}"
    # A report has a row for each thing that was asked for.
    assert (check.asked, check.measured) == ({"rtt_ms": 40, "rate_down": 20}, {})


@pytest.mark.parametrize(("good_at", "tried"), [(1, 1), (2, 2), (TRIES + 1, TRIES)])
async def test_a_link_that_seems_off_is_measured_again_before_it_counts_as_off(
    monkeypatch: pytest.MonkeyPatch, good_at: int, tried: int
) -> None:
    seen: list[str] = []

    async def check(backend: TcpBackend, region: str, profile: NetProfile) -> LinkCheck:
        assert (backend, profile) == (shaper, LINE)
        seen.append(region)
        return judge(region, "tcp", LINE, connect=0.04, rtt=0.04, rate=20 if len(seen) == good_at else 3)

    monkeypatch.setattr(module, "check_link", check)
    shaper = TcpBackend()
    topology = Topology((Link(region="eu", host="127.0.0.1", port=9, profile=LINE),))
    (found,) = await check_links(shaper, topology)
    assert (len(seen), found.good) == (tried, good_at <= TRIES)
