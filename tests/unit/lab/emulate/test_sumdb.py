from __future__ import annotations

import pytest

from modmirror.errors import InvalidTarget, NotExist
from modmirror.lab.emulate.modules import WELL, ModuleSet
from modmirror.lab.emulate.sumdb import EmulatedSumdb
from modmirror.mod.path import ModulePath
from modmirror.sumdb.head import open_tree_head
from modmirror.sumdb.lookup import begin_lookup
from modmirror.sumdb.note import VerifierKey
from tests.fakes.sumdb import FakeSumdb

WELL_PATH = ModulePath(WELL.path)


def grown(size: int) -> EmulatedSumdb:
    database = EmulatedSumdb(ModuleSet.generate(5))
    for number in range(size):
        database.lookup(WELL_PATH, f"v1.{number}.0")
    return database


def test_a_lookup_can_be_proven_with_the_tiles() -> None:
    database = grown(300)
    key = VerifierKey.parse(database.key)
    check = begin_lookup(database.lookup(WELL_PATH, "v1.7.0"), [key], None)
    proven = check.admit({tile: database.tile(tile.path) for tile in check.tiles})
    release = ModuleSet.generate(5).release(WELL_PATH, "v1.7.0")
    assert release is not None
    assert proven.find_sum(WELL_PATH, "v1.7.0", go_mod=False) == release.h1
    assert proven.find_sum(WELL_PATH, "v1.7.0", go_mod=True) == release.mod_h1


def test_a_later_tree_continues_an_earlier_one() -> None:
    database = grown(10)
    keys = [VerifierKey.parse(database.key)]
    known = open_tree_head(database.latest(), keys)
    check = begin_lookup(database.lookup(WELL_PATH, "v1.600.0"), keys, known)
    assert check.admit({tile: database.tile(tile.path) for tile in check.tiles}).advanced


def test_its_roots_and_tiles_are_those_of_a_database_that_shares_no_code_with_it() -> None:
    database, other = grown(70), FakeSumdb()
    modules = ModuleSet.generate(5)
    for number in range(70):
        release = modules.release(WELL_PATH, f"v1.{number}.0")
        assert release is not None
        other.add(WELL_PATH, release.version, release.h1, release.mod_h1)
    head = open_tree_head(database.latest(), [VerifierKey.parse(database.key)])
    assert head.root == other.root(70)
    for path in ("tile/8/0/000.p/70", "tile/8/data/000.p/70"):
        assert (200, database.tile(path)) == other.get(path)


def test_what_does_not_exist_is_not_recorded() -> None:
    database = grown(1)
    before = database.latest()
    with pytest.raises(NotExist):
        database.lookup(ModulePath("example.com/none"), "v1.0.0")
    assert database.latest() == before


def test_there_are_no_tiles_beyond_the_tree_or_of_another_height() -> None:
    database = grown(3)
    for path in ("tile/8/0/000.p/4", "tile/8/1/000", "tile/8/data/000", "tile/2/0/000"):
        with pytest.raises(NotExist):
            database.tile(path)
    with pytest.raises(InvalidTarget):
        database.tile("tile/8/zero/000")
