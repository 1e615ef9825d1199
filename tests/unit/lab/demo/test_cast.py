from __future__ import annotations

from modmirror.lab.analysis.gates import POPULAR_STRATUM
from modmirror.lab.demo.cast import (
    FRESH,
    NEW_VERSION,
    asked,
    cast,
    cold,
    corpus,
    everywhere,
    fresh,
    profile,
    world,
)
from modmirror.lab.emulate.behaviour import Behaviour, falls_on
from modmirror.mod.path import check_path

SEEDS = 1000
ZIPS = 10
"""Of a quick demonstration."""


def test_there_are_five_mirrors_in_three_regions_and_one_of_them_is_good() -> None:
    parts = cast(8.0)
    assert len(parts) == 5
    assert len({part.region for part in parts}) == 3
    assert [part.role for part in parts if part.behaviour == Behaviour()] == ["good"]


def test_links_lose_nothing() -> None:
    assert {profile(part.region).loss for part in cast(1.0)} == {0.0}
    assert profile("eu-us").rtt_ms == 90


def test_every_module_that_is_asked_for_exists() -> None:
    modules = world(1)
    for entry in corpus():
        assert (modules.release(check_path(entry.module.path), entry.module.version) is not None) == (
            entry.exists
        )
    for module in (*asked(), *cold(30)):
        assert modules.release(check_path(module.path), module.version) is not None


def test_a_large_zip_is_large_enough_to_tell_speed() -> None:
    (large,) = (module for module in asked() if module.zip)
    release = world(1).release(check_path(large.path), large.version)
    assert release is not None
    assert len(release.zip) >= 1_000_000


def test_the_new_versions_do_not_exist_yet() -> None:
    modules = world(1)
    assert len(fresh()) == FRESH
    assert {modules.release(check_path(path), NEW_VERSION) for path in fresh()} == {None}


def test_with_hardly_any_seed_does_a_faulty_mirror_look_good() -> None:
    """Which files are wrong follows from the seed: there must be some, among those that are looked at."""
    parts = {part.role: part.behaviour for part in cast(1.0)}
    popular = [each.module for each in corpus() if each.stratum == POPULAR_STRATUM]
    names = [f"{module.path}@{module.version}" for module in popular]
    for seed in range(SEEDS):
        missing = sum(falls_on(parts["incomplete"].missing, seed, "missing", name) for name in names)
        assert missing / len(names) > 0.02
    # Which zips are fetched is drawn: so many of them could all be right ones.
    lucky = (1 - parts["corrupt"].corrupt) ** ZIPS
    assert lucky < 0.01


def test_rules_are_examined_with_a_module_that_nobody_is_wrong_about() -> None:
    parts = {part.role: part.behaviour for part in cast(1.0)}
    for seed in range(SEEDS):
        module = everywhere(seed)
        name = f"{module.path}@{module.version}"
        assert not falls_on(parts["incomplete"].missing, seed, "missing", name)
        assert not falls_on(parts["corrupt"].corrupt, seed, "corrupt", name)
