from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from modmirror.errors import ConfigError
from modmirror.lab.fault.scenario import Step, find_scenario, parse_scenario, shipped

if TYPE_CHECKING:
    from pathlib import Path

CUT = 'title = "t"\nexpect = "e"\n[[step]]\ndo = "cut"\nmode = "reset"\n'


def test_at_least_fourteen_scenarios_are_shipped_and_each_says_what_is_expected() -> None:
    names = {scenario.name for scenario in shipped()}
    assert len(names) >= 14
    assert names >= {"cut", "reset", "blackhole", "slow", "truncated", "too-many-requests", "wrong-zip"}
    assert names >= {"stale-list", "flapping", "dns", "tls-bad-cert", "tls-expired", "slow-death"}
    assert all(scenario.title and scenario.expect for scenario in shipped())


def test_a_scenario_is_found_by_name_or_read_from_a_file(tmp_path: Path) -> None:
    file = tmp_path / "mine.toml"
    file.write_text(CUT)
    found = find_scenario(str(file))
    assert (found.name, found.step) == ("mine", (Step("cut", 0.0, "reset"),))
    assert found.length == 60.0
    assert find_scenario("cut").name == "cut"
    for name in ("none", str(tmp_path / "none.toml")):
        with pytest.raises(ConfigError) as caught:
            find_scenario(name)
        assert caught.value.key == "SCENARIO"


def test_a_flap_becomes_cuts_and_heals_within_the_fault() -> None:
    text = CUT.replace('do = "cut"', 'do = "flap"\nat = 10\nperiod = 10\nduty = 0.3')
    assert [(step.do, step.at) for step in parse_scenario(text, "f").step] == [
        ("cut", 10.0),
        ("heal", 13.0),
        ("cut", 20.0),
        ("heal", 23.0),
    ]


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("title =", "s"),
        (CUT + "volume = 3", "step[0].volume"),
        (CUT.replace("cut", "explode"), "step[0].do"),
        ("after = -1\n" + CUT, "s.after"),
        ("fault = 1e9\n" + CUT, "s.fault"),
        ('step = []\ntitle = "t"\nexpect = "e"', "s.step"),
        (CUT + "at = 30", "s.step.at"),
        (CUT.replace('"cut"', '"flap"'), "s.step"),
        (CUT.replace('"cut"', '"certificate"'), "s.wire"),
        (CUT.replace('"cut"', '"names"'), "s.wire"),
        (CUT.replace('"cut"', '"toxic"'), "type"),
        (CUT.replace('"cut"', '"behave"') + "behave = {speed = 1}", "speed"),
    ],
)
def test_what_cannot_be_played_is_refused_by_key(text: str, key: str) -> None:
    with pytest.raises(ConfigError) as caught:
        parse_scenario(text, "s")
    assert caught.value.key == key


def test_a_scaled_scenario_takes_a_part_of_its_time() -> None:
    slow = find_scenario("slow-death").scaled(0.1)
    assert slow.length == pytest.approx(7.0)
    assert [step.at for step in slow.step] == [0.0, 1.0, 2.0, 3.0]
    assert slow.step[1].behave == {"delay": 0.2}
    narrow = find_scenario("narrow").scaled(0.1).step[0].toxic
    assert narrow["attributes"] == {"rate": 200.0}


def test_a_wait_that_is_asked_for_stays_whole_seconds() -> None:
    busy = find_scenario("too-many-requests")
    assert busy.retry_after == 10.0
    assert busy.scaled(0.01).retry_after == 1.0
    assert find_scenario("cut").retry_after is None
    assert find_scenario("server-errors").retry_after is None
