from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from modmirror.errors import ConfigError
from modmirror.lab.simulate.scenario import Fault
from modmirror.lab.simulate.shipped import find_scenario, parse_scenario, shipped, text_of

if TYPE_CHECKING:
    from pathlib import Path

SITE = '[[site]]\nname = "near"\nmedian = 0.03\n'


@pytest.mark.parametrize("name", list(shipped()))
def test_shipped_scenarios_have_four_unlike_sites_and_say_what_happens(name: str) -> None:
    scenario = find_scenario(name)
    assert scenario.name == name
    assert [site.median for site in scenario.sites] == [0.03, 0.06, 0.2, 0.4]
    assert scenario.title.endswith(".")
    assert parse_scenario(text_of(name), name) == scenario


def test_a_repeated_trouble_happens_again_and_again() -> None:
    again = 'fault = [{trouble = "refuse", start = 10, end = 30, every = 10, lasts = 4}]\n'
    faults = parse_scenario(SITE + again, "test").sites[0].faults
    assert faults == (Fault("refuse", 10, 14), Fault("refuse", 20, 24))


def test_a_file_of_ones_own_is_read(tmp_path: Path) -> None:
    file = tmp_path / "mine.toml"
    file.write_text(SITE)
    assert find_scenario(str(file)).name == "mine"


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("", "test.site"),
        (SITE + SITE, "test.site"),
        (SITE.replace("0.03", "0"), "test.site.median"),
        (SITE + "workers = -1\n", "test.site.workers"),
        (SITE + 'fault = [{trouble = "slow", start = 5, end = 5}]\n', "test.site.fault"),
        (SITE + 'fault = [{trouble = "slow", start = 0, end = 9, every = 2}]\n', "test.site.fault"),
        ("seconds = 0\n" + SITE, "test.seconds"),
        ("rate = 1e9\n" + SITE, "test.seconds"),
        ("modules = 0\n" + SITE, "test.modules"),
        ("patience = 0\n" + SITE, "test.patience"),
        ("speed = 3\n" + SITE, "speed"),
        ("seconds =\n", "test"),
    ],
)
def test_what_cannot_be_simulated_is_refused_with_its_key(text: str, key: str) -> None:
    with pytest.raises(ConfigError) as raised:
        parse_scenario(text, "test")
    assert raised.value.key == key


def test_an_unknown_name_is_answered_with_the_known_ones(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="no scenario") as raised:
        find_scenario("mainly")
    assert "main" in raised.value.hint
    with pytest.raises(ConfigError, match="cannot be read"):
        find_scenario(str(tmp_path / "missing.toml"))
