from __future__ import annotations

import pytest

from modmirror.errors import BadRecord, BadTile, ForkDetected
from modmirror.sumdb.head import TreeHead
from modmirror.sumdb.plan import plan_consistency, plan_inclusion, plan_tile
from modmirror.sumdb.tile import Tile, parse_tile_path
from modmirror.sumdb.tree import EMPTY_ROOT, leaf_hash
from tests.fakes.sumdb import FakeSumdb
from tests.fakes.sumdb_client import ask, fetch, head_of


@pytest.fixture(scope="module")
def db() -> FakeSumdb:
    grown = FakeSumdb()
    grown.pad(66_000)
    return grown


@pytest.mark.parametrize(
    ("size", "record", "paths"),
    [
        (1, 0, ["tile/8/0/000.p/1"]),
        (256, 0, ["tile/8/1/000.p/1", "tile/8/0/000"]),
        (257, 256, ["tile/8/1/000.p/1", "tile/8/0/001.p/1"]),
        (257, 255, ["tile/8/1/000.p/1", "tile/8/0/001.p/1", "tile/8/0/000"]),
        (65_536, 70, ["tile/8/2/000.p/1", "tile/8/0/000", "tile/8/1/000"]),
        (66_000, 65_800, ["tile/8/2/000.p/1", "tile/8/1/001.p/1", "tile/8/0/257.p/208"]),
    ],
)
def test_inclusion_needs_the_right_edge_and_the_way_up_to_it(
    db: FakeSumdb, size: int, record: int, paths: list[str]
) -> None:
    plan = plan_inclusion(head_of(db, size), record)
    edge_and_first = {tile.path for tile in plan.tiles}
    assert set(paths) <= edge_and_first
    assert len(edge_and_first) == len(plan.tiles)
    assert plan.admit(fetch(db, plan.tiles)) == leaf_hash(db.records[record])


def test_consistency_needs_the_old_edge_in_the_new_tree(db: FakeSumdb) -> None:
    plan = plan_consistency(head_of(db, 300), head_of(db, 66_000))
    assert {tile.path for tile in plan.tiles} == {
        "tile/8/2/000.p/1",
        "tile/8/1/001.p/1",
        "tile/8/0/257.p/208",
        "tile/8/1/000",
        "tile/8/0/001",
    }
    plan.admit(fetch(db, plan.tiles))


@pytest.mark.parametrize("size", [0, 1, 66_000])
def test_same_size_needs_no_tiles(db: FakeSumdb, size: int) -> None:
    head = head_of(db, size)
    plan = plan_consistency(head, head)
    assert plan.tiles == ()
    plan.admit({})


def test_same_size_with_another_root_is_a_fork(db: FakeSumdb) -> None:
    head = head_of(db, 9)
    with pytest.raises(ForkDetected):
        plan_consistency(TreeHead(9, EMPTY_ROOT), head).admit({})


def test_other_beginning_is_a_fork(db: FakeSumdb) -> None:
    plan = plan_consistency(TreeHead(300, EMPTY_ROOT), head_of(db, 66_000))
    with pytest.raises(ForkDetected, match="66000 records does not continue the signed tree of 300"):
        plan.admit(fetch(db, plan.tiles))


def test_every_tree_continues_the_empty_one(db: FakeSumdb) -> None:
    plan = plan_consistency(TreeHead(0, EMPTY_ROOT), head_of(db, 300))
    plan.admit(fetch(db, plan.tiles))


def test_empty_tree_with_a_made_up_root_is_a_fork(db: FakeSumdb) -> None:
    plan = plan_consistency(TreeHead(0, bytes(32)), head_of(db, 300))
    with pytest.raises(ForkDetected):
        plan.admit(fetch(db, plan.tiles))


def test_heads_in_the_wrong_order_are_a_bug_of_the_caller(db: FakeSumdb) -> None:
    with pytest.raises(ValueError, match="2 > 1"):
        plan_consistency(head_of(db, 2), head_of(db, 1))


@pytest.mark.parametrize("record", [-1, 300, 2**63])
def test_record_outside_the_tree_is_rejected(db: FakeSumdb, record: int) -> None:
    with pytest.raises(BadRecord, match="not in a tree of 300"):
        plan_inclusion(head_of(db, 300), record)


def test_missing_tile_is_named(db: FakeSumdb) -> None:
    plan = plan_inclusion(head_of(db, 300), 5)
    blobs = fetch(db, plan.tiles)
    del blobs[plan.tiles[-1]]
    with pytest.raises(BadTile, match=f"missing: {plan.tiles[-1].path}"):
        plan.admit(blobs)


def test_tiles_of_a_later_full_tree_do_for_partial_ones(db: FakeSumdb) -> None:
    plan = plan_inclusion(head_of(db, 300), 299)
    blobs = {tile: ask(db, tile.full.path) for tile in plan.tiles}
    assert plan.admit(blobs) == leaf_hash(db.records[299])


def test_root_of_another_tree_rejects_the_tiles(db: FakeSumdb) -> None:
    plan = plan_inclusion(TreeHead(300, bytes(32)), 5)
    with pytest.raises(BadTile, match="right edge"):
        plan.admit(fetch(db, plan.tiles))


@pytest.mark.parametrize(
    "path",
    [
        "tile/8/0/000",
        "tile/8/0/000.p/7",
        "tile/8/0/257.p/208",
        "tile/8/0/257.p/207",
        "tile/8/1/000",
        "tile/8/1/001.p/1",
        "tile/8/2/000.p/1",
    ],
)
def test_single_tile_is_proven_at_any_width(db: FakeSumdb, path: str) -> None:
    plan = plan_tile(head_of(db), parse_tile_path(path))
    assert plan.admit(fetch(db, plan.tiles)) == ask(db, path)


def test_single_tile_that_differs_is_rejected(db: FakeSumdb) -> None:
    plan = plan_tile(head_of(db), Tile(8, 0, 3, 256))
    blobs = fetch(db, plan.tiles)
    with pytest.raises(BadTile, match="tile/8/0/003 does not hash to its entry"):
        plan.admit(blobs | {plan.tile: bytes(8192)})


@pytest.mark.parametrize(
    "path", ["tile/8/0/257.p/209", "tile/8/0/258.p/1", "tile/8/1/001.p/2", "tile/8/3/000.p/1"]
)
def test_single_tile_beyond_the_tree_is_a_bug_of_the_caller(db: FakeSumdb, path: str) -> None:
    with pytest.raises(ValueError, match="beyond a tree of 66000"):
        plan_tile(head_of(db), parse_tile_path(path))
