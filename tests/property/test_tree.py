"""The tree against RFC 6962's own recursive definition, which is slow and knows nothing of tiles."""

from __future__ import annotations

from functools import cache
from hashlib import sha256

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from modmirror.errors import BadTile, ForkDetected, InvalidTarget
from modmirror.sumdb.head import TreeHead
from modmirror.sumdb.plan import plan_consistency, plan_inclusion
from modmirror.sumdb.tile import DATA_LEVEL, Tile, parse_tile_path
from modmirror.sumdb.tree import fold, peaks

LARGEST = 66_100  # past the first hash of tile level 2
LEAVES = [sha256(number.to_bytes(4, "big")).digest() for number in range(LARGEST)]
ALL = b"".join(LEAVES)

small = st.integers(1, 3_000)
around_a_tile = st.integers(1, 12).flatmap(lambda tiles: st.integers(256 * tiles - 2, 256 * tiles + 2))
around_a_tile_of_tiles = st.integers(65_534, LARGEST)
sizes = small | around_a_tile | around_a_tile_of_tiles


@cache
def model(start: int, end: int) -> bytes:
    """MTH(D[start:end]) as RFC 6962 section 2.1 defines it, over leaves hashed already."""
    if start == end:
        return sha256(b"").digest()
    if end - start == 1:
        return LEAVES[start]
    split = start + (1 << (end - start - 1).bit_length() - 1)
    return sha256(b"\x01" + model(start, split) + model(split, end)).digest()


def tile_bytes(tile: Tile) -> bytes:
    """A tile by definition: each hash is the model's root over what lies below it."""
    span = 256**tile.level
    first = tile.index * 256
    return b"".join(model(at * span, (at + 1) * span) for at in range(first, first + tile.width))


def head(size: int) -> TreeHead:
    return TreeHead(size, model(0, size))


@given(sizes)
@example(0)
@example(LARGEST)
def test_root_is_that_of_the_recursive_definition(size: int) -> None:
    assert fold(peaks(ALL[: 32 * size])) == model(0, size)


@given(sizes, st.data())
def test_every_record_of_every_tree_is_proven(size: int, data: st.DataObject) -> None:
    record = data.draw(st.integers(0, size - 1))
    plan = plan_inclusion(head(size), record)
    assert plan.admit({tile: tile_bytes(tile) for tile in plan.tiles}) == LEAVES[record]


@given(sizes | st.just(0), sizes)
@example(256, 65_536)
@example(65_536, 65_537)
@example(65_535, 65_536)
def test_every_tree_continues_every_smaller_one(one: int, other: int) -> None:
    older, newer = sorted((one, other))
    plan = plan_consistency(head(older), head(newer))
    plan.admit({tile: tile_bytes(tile) for tile in plan.tiles})


@given(sizes, sizes)
def test_no_tree_continues_one_with_another_root(one: int, other: int) -> None:
    older, newer = sorted((one, other))
    plan = plan_consistency(TreeHead(older, model(0, older)[::-1]), head(newer))
    with pytest.raises(ForkDetected):
        plan.admit({tile: tile_bytes(tile) for tile in plan.tiles})


@given(sizes, sizes, st.data())
def test_no_bit_of_any_tile_can_change(one: int, other: int, data: st.DataObject) -> None:
    older, newer = sorted((one, other))
    record = data.draw(st.integers(0, newer - 1))
    inclusion = plan_inclusion(head(newer), record)
    blobs = {tile: tile_bytes(tile) for tile in inclusion.tiles}
    victim = data.draw(st.sampled_from(inclusion.tiles))
    bit = data.draw(st.integers(0, 8 * len(blobs[victim]) - 1))
    changed = bytearray(blobs[victim])
    changed[bit // 8] ^= 1 << bit % 8
    with pytest.raises(BadTile):
        inclusion.admit(blobs | {victim: bytes(changed)})
    consistency = plan_consistency(head(older), head(newer))
    if victim in consistency.tiles:
        true = {tile: tile_bytes(tile) for tile in consistency.tiles}
        with pytest.raises(BadTile):
            consistency.admit(true | {victim: bytes(changed)})


@given(st.integers(1, 2**63 - 1), st.data())
def test_plans_of_the_largest_trees_are_short(size: int, data: st.DataObject) -> None:
    tree = TreeHead(size, b"")
    record = data.draw(st.integers(0, size - 1))
    older = TreeHead(data.draw(st.integers(0, size)), b"")
    # Eight tile levels hold 2**63 records: an edge tile and one more on each.
    assert len(plan_inclusion(tree, record).tiles) <= 16
    assert len(plan_consistency(older, tree).tiles) <= 24


heights = st.integers(1, 30)


@given(heights, st.data())
def test_tile_path_round_trips(height: int, data: st.DataObject) -> None:
    level = data.draw(st.integers(DATA_LEVEL, 62 // height))
    free_bits = 63 - height * (max(level, 0) + 1)
    index = data.draw(st.integers(0, 2 ** max(free_bits, 0) - 1))
    tile = Tile(height, level, index, data.draw(st.integers(1, 2**height)))
    assert parse_tile_path(tile.path) == tile


@given(st.text() | st.from_regex(r"\Atile/[0-9]{1,2}/[0-9]{1,2}/(x?[0-9]{3}/?){0,8}(\.p/[0-9]{1,4})?\Z"))
def test_any_path_is_canonical_or_invalid(path: str) -> None:
    try:
        tile = parse_tile_path(path)
    except InvalidTarget:
        return
    assert tile.path == path
