from __future__ import annotations

import pytest

from modmirror.errors import ConfigError
from modmirror.lab.emulate.behaviour import Behaviour, falls_on, parse_behaviour


def test_a_table_becomes_a_behaviour() -> None:
    made = parse_behaviour({"delay": 1, "corrupt": 0.5, "sumdb": False, "auth": "a:b", "error_status": 503})
    assert made == Behaviour(delay=1.0, corrupt=0.5, sumdb=False, auth="a:b", error_status=503)


@pytest.mark.parametrize(
    "table",
    [
        {"lateness": 1.0},
        {"delay": "slow"},
        {"sumdb": 1},
        {"error_status": 5.5},
        {"corrupt": 1.5},
        {"delay": -1.0},
        {"errors": True},
    ],
    ids=str,
)
def test_what_no_mirror_does_is_refused_by_name(table: dict[str, object]) -> None:
    with pytest.raises(ConfigError) as caught:
        parse_behaviour(table)
    assert caught.value.key == next(iter(table))


def test_a_scaled_world_has_shorter_seconds() -> None:
    scaled = Behaviour(delay=2.0, stale=60.0, rate=1000.0, corrupt=0.5, retry_after=5.0).scaled(0.1)
    assert scaled == Behaviour(delay=0.2, stale=6.0, rate=10_000.0, corrupt=0.5, retry_after=5.0)


def test_a_share_falls_on_the_same_names_each_time_and_on_about_so_many() -> None:
    names = [f"m{number}" for number in range(2000)]
    hit = [name for name in names if falls_on(0.3, 7, "missing", name)]
    assert hit == [name for name in names if falls_on(0.3, 7, "missing", name)]
    assert 500 < len(hit) < 700
    assert hit != [name for name in names if falls_on(0.3, 7, "corrupt", name)]


def test_the_ends_of_a_share_are_none_and_all() -> None:
    assert not any(falls_on(0.0, 1, "missing", str(number)) for number in range(100))
    assert all(falls_on(1.0, 1, "missing", str(number)) for number in range(100))
