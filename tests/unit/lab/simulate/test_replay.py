from __future__ import annotations

from random import Random

import msgspec
import pytest

from modmirror.errors import ConfigError
from modmirror.lab.simulate.replay import scenario_of
from modmirror.lab.simulate.run import simulate
from modmirror.lab.simulate.scenario import Arrival, Site
from modmirror.telemetry.access_log import Entry


def line(at: float, upstream: str = "near", seconds: float = 0.05, **others: object) -> bytes:
    entry = Entry(
        1_000.0 + at, "id", "127.0.0.1", "GET", "/example.com/!m/@v/v1.0.0.info", 200, 100, seconds, "miss",
        upstream, "go", "",
    )  # fmt: skip
    return msgspec.json.encode(msgspec.structs.replace(entry, **others))


def day(minutes: int = 10, slow: int = -1) -> list[bytes]:
    """One answer each second, of two upstreams in turn; ``near`` is slow in one minute."""
    chance = Random(1)
    lines = []
    for second in range(60 * minutes):
        name, usual = (("near", 0.05), ("far", 0.2))[second % 2]
        factor = 20 if name == "near" and second // 60 == slow else 1
        lines.append(line(second, name, usual * factor * chance.lognormvariate(0, 0.2)))
    return lines


def test_clients_ask_when_they_did_and_for_what() -> None:
    hit = line(0.5, cache="hit")
    page = line(0.7, path="/-/upstreams", cache="none")
    scenario = scenario_of([line(2.0), hit, page, b"\n", line(0.25)], "log", sites=(Site("only", 0.1),))
    assert scenario.arrivals == (Arrival(0.0, "example.com/!m"), Arrival(1.75, "example.com/!m"))
    assert [site.name for site in scenario.sites] == ["only"]
    assert simulate(scenario, "measured", 1).requests == 2


def test_upstreams_are_as_fast_as_they_were() -> None:
    near, far = sorted(scenario_of(day(), "log").sites, key=lambda site: site.median)
    assert (near.name, far.name) == ("near", "far")
    assert near.median == pytest.approx(0.05, rel=0.1)
    assert far.median == pytest.approx(0.2, rel=0.1)
    assert near.sigma == pytest.approx(0.2, rel=0.3)
    assert near.faults == ()


def test_a_slow_minute_is_slow_again_and_does_not_blur_the_rest() -> None:
    near = next(site for site in scenario_of(day(slow=3), "log").sites if site.name == "near")
    (fault,) = near.faults
    assert (fault.trouble, fault.start, fault.end) == ("slow", 180.0, 240.0)
    assert fault.factor == pytest.approx(20, rel=0.2)
    assert near.stragglers == 0


def test_stragglers_are_a_share() -> None:
    lines = day() + [line(100.5 + number * 60, "near", 2.0) for number in range(6)]
    near = next(site for site in scenario_of(lines, "log").sites if site.name == "near")
    assert near.stragglers == pytest.approx(6 / 306)


def test_a_zip_tells_nothing_of_latency_for_its_reader_may_be_slow() -> None:
    zips = [line(0.1, "near", 60.0, path="/example.com/m/@v/v1.0.0.zip") for _ in range(300)]
    near = next(site for site in scenario_of(day() + zips, "log").sites if site.name == "near")
    assert near.median == pytest.approx(0.05, rel=0.1)


@pytest.mark.parametrize(
    ("lines", "why"),
    [
        ([], "no request"),
        ([line(0, cache="hit")], "no request"),
        ([b"127.0.0.1 - - GET /\n"], "no line of an access log"),
        ([b'{"time": 1}\n'], "no line of an access log"),
        ([line(number) for number in range(100)], "fewer than two upstreams"),
    ],
)
def test_a_log_that_says_too_little_is_refused(lines: list[bytes], why: str) -> None:
    with pytest.raises(ConfigError, match=why) as raised:
        scenario_of(lines, "log")
    assert raised.value.hint or "miss" in raised.value.reason
