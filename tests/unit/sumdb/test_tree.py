from __future__ import annotations

from hashlib import sha256

import pytest

from modmirror.sumdb.tile import DATA_LEVEL, Tile
from modmirror.sumdb.tree import (
    EMPTY_ROOT,
    edge_tiles,
    fold,
    leaf_hash,
    node_hash,
    peaks,
    perfect_hash,
    size_needed,
    tile_in,
)

A, B, C, D, E = (leaf_hash(text) for text in (b"a", b"b", b"c", b"d", b"e"))


def test_leaf_and_node_are_hashed_apart() -> None:
    assert leaf_hash(b"x") == sha256(b"\x00x").digest()
    assert node_hash(A, B) == sha256(b"\x01" + A + B).digest()


def test_empty_tree_is_the_hash_of_nothing() -> None:
    assert fold([]) == EMPTY_ROOT == sha256().digest()


def test_perfect_subtree_is_hashed_pair_by_pair() -> None:
    assert perfect_hash(A) == A
    assert perfect_hash(A + B + C + D) == node_hash(node_hash(A, B), node_hash(C, D))


def test_peaks_are_the_perfect_subtrees_largest_first() -> None:
    assert peaks(b"") == []
    assert peaks(A) == [A]
    assert peaks(A + B + C + D + E) == [perfect_hash(A + B + C + D), E]
    assert peaks(A + B + C) == [node_hash(A, B), C]


def test_tree_splits_at_the_largest_power_of_two() -> None:
    assert fold([A]) == A
    assert fold([node_hash(A, B), C]) == node_hash(node_hash(A, B), C)
    assert fold([A, B, C]) == node_hash(A, node_hash(B, C))


@pytest.mark.parametrize(
    ("size", "level", "index", "width"),
    [(1, 0, 0, 1), (256, 0, 0, 256), (256, 1, 0, 1), (257, 0, 1, 1), (65536, 1, 0, 256), (65536, 2, 0, 1)],
)
def test_tile_is_as_wide_as_the_tree_fills_it(size: int, level: int, index: int, width: int) -> None:
    assert tile_in(size, level, index) == Tile(8, level, index, width)


@pytest.mark.parametrize(("size", "level", "index"), [(0, 0, 0), (256, 0, 1), (255, 1, 0), (65536, 1, 1)])
def test_tree_has_no_tile_where_it_has_no_hash(size: int, level: int, index: int) -> None:
    with pytest.raises(ValueError, match=f"tree of {size} has no tile {index} at level {level}"):
        tile_in(size, level, index)


@pytest.mark.parametrize(
    ("size", "edge"),
    [
        (0, []),
        (1, ["tile/8/0/000.p/1"]),
        (255, ["tile/8/0/000.p/255"]),
        (256, ["tile/8/1/000.p/1"]),
        (257, ["tile/8/1/000.p/1", "tile/8/0/001.p/1"]),
        (65536, ["tile/8/2/000.p/1"]),
        (65536 + 2 * 256 + 3, ["tile/8/2/000.p/1", "tile/8/1/001.p/2", "tile/8/0/258.p/3"]),
        (65536 + 3, ["tile/8/2/000.p/1", "tile/8/0/256.p/3"]),
    ],
)
def test_right_edge_is_the_partial_tiles_top_first(size: int, edge: list[str]) -> None:
    assert [tile.path for tile in edge_tiles(size)] == edge


def test_tile_needs_a_tree_that_reaches_its_last_hash() -> None:
    assert size_needed(Tile(8, 0, 0, 1)) == 1
    assert size_needed(Tile(8, 0, 2, 7)) == 2 * 256 + 7
    assert size_needed(Tile(8, 2, 1, 256)) == 2 * 256**3


@pytest.mark.parametrize("tile", [Tile(7, 0, 0, 1), Tile(8, DATA_LEVEL, 0, 1)])
def test_only_hashes_of_height_eight_have_a_place_here(tile: Tile) -> None:
    with pytest.raises(ValueError, match="not a tile of hashes of height 8"):
        size_needed(tile)
