from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from modmirror.errors import ConfigError
from modmirror.lab.net.profile import (
    EXAMPLE,
    PRESETS,
    Link,
    NetProfile,
    Topology,
    check_profile,
    find_profile,
    load_topology,
    parse_address,
    parse_topology,
)

if TYPE_CHECKING:
    from pathlib import Path


def test_the_presets_are_those_of_the_method_and_possible() -> None:
    assert len(PRESETS) == 9
    assert (PRESETS["cn-useast"].rtt_ms, PRESETS["cn-useast"].loss) == (230, 0.008)
    assert PRESETS["cn-mobile"].burst > 1
    assert all(check_profile(preset, name) is preset for name, preset in PRESETS.items())


def test_a_topology_is_read_with_presets_own_profiles_and_inline_ones() -> None:
    text = EXAMPLE + '[[link]]\nregion = "moon"\nto = "[::1]:80"\nprofile = {rtt_ms = 2600, loss = 0.5}\n'
    topology = parse_topology(text)
    office = NetProfile(name="office", rtt_ms=12, jitter_ms=1, rate_down=100, rate_up=40)
    assert topology.links[0] == Link(region="berlin", host="127.0.0.1", port=8080, profile=office)
    assert topology.profiles["us-east"] == PRESETS["eu-us"]
    assert topology.links[2].host == "::1"
    assert topology.profiles["moon"].base == 2.6


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("", "link"),
        ("[[link]", "topology"),
        ("[[link]]\nregion='a'\nto='h:1'\nprofile='eu-us'\nspeed=1", "link[0].speed"),
        ("[[link]]\nregion='A b'\nto='h:1'\nprofile='eu-us'", "link.region"),
        ("[[link]]\nregion='a'\nto='h'\nprofile='eu-us'", "link.to"),
        ("[[link]]\nregion='a'\nto='h:0'\nprofile='eu-us'", "link.to"),
        ("[[link]]\nregion='a'\nto='h:1'\nprofile='eu'", "profile"),
        ("[[link]]\nregion='a'\nto='h:1'\nprofile={loss=1.5}", "link.profile.loss"),
        ("[[link]]\nregion='a'\nto='h:1'\nprofile={rtt_ms=-1}", "link.profile.rtt_ms"),
        ("[[link]]\nregion='a'\nto='h:1'\nprofile={rate_up=inf}", "link.profile.rate_up"),
        ("[[link]]\nregion='a'\nto='h:1'\nprofile={burst=0.5}", "link.profile.burst"),
        (
            "[[link]]\nregion='a'\nto='h:1'\nprofile='eu-us'\n[[link]]\nregion='a'\nto='h:2'\nprofile='sat'",
            "link.profile",
        ),
    ],
)
def test_what_is_no_topology_is_refused_by_key(text: str, key: str) -> None:
    with pytest.raises(ConfigError) as caught:
        parse_topology(text)
    assert caught.value.key == key


def test_a_file_is_read_and_a_missing_one_is_named(tmp_path: Path) -> None:
    file = tmp_path / "net.toml"
    file.write_text(EXAMPLE)
    assert load_topology(file) == parse_topology(EXAMPLE)
    with pytest.raises(ConfigError, match=r"none\.toml cannot be read: No such file or directory$"):
        load_topology(tmp_path / "none.toml")


def test_an_unknown_profile_names_the_known_ones() -> None:
    with pytest.raises(ConfigError) as caught:
        find_profile("mars")
    assert "cn-mobile" in caught.value.hint


def test_an_address_is_host_and_port() -> None:
    assert parse_address("[2001:db8::1]:443", "x") == ("2001:db8::1", 443)


def test_a_region_keeps_one_profile_for_all_its_links() -> None:
    profile = PRESETS["eu-us"]
    links = tuple(Link(region="a", host="h", port=port, profile=profile) for port in (1, 2))
    assert Topology(links).profiles == {"a": profile}
