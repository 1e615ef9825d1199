"""Proofs from tiles: plan which tiles are needed, then admit the bytes that were fetched (protocol.md B.4).

A plan names all its tiles at once, so they can be fetched together. ``admit`` believes none of them before
all of them lead to the signed root: the tiles at the right edge by hashing to it, every other tile by
hashing to its entry in its parent. No tile is exempt, however few or many peaks share one tile
(CVE-2026-56865).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from modmirror.errors import BadRecord, BadTile, ForkDetected
from modmirror.sumdb.tile import HASH_BYTES, cut
from modmirror.sumdb.tree import FULL_WIDTH, edge_tiles, fold, peaks, perfect_hash, size_needed, tile_in

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from modmirror.sumdb.head import TreeHead
    from modmirror.sumdb.tile import Tile


@dataclass(frozen=True, slots=True)
class InclusionPlan:
    """Proves which leaf hash a tree has at one record number."""

    head: TreeHead
    record_id: int
    tiles: tuple[Tile, ...]

    def admit(self, blobs: Mapping[Tile, bytes]) -> bytes:
        """Return the authenticated leaf hash. Raises BadTile."""
        tree = _authenticate(self.head, self.tiles, blobs)
        return tree.hash_at(0, self.record_id)


@dataclass(frozen=True, slots=True)
class ConsistencyPlan:
    """Proves that one tree is the beginning of another."""

    older: TreeHead
    newer: TreeHead
    tiles: tuple[Tile, ...]

    def admit(self, blobs: Mapping[Tile, bytes]) -> None:
        """Return if the newer tree continues the older one.

        Raises:
            BadTile: the tiles prove nothing about the newer tree.
            ForkDetected: they prove that it has another history.
        """
        if self.older.size == self.newer.size:
            root = self.newer.root
        else:
            root = _authenticate(self.newer, self.tiles, blobs).root(self.older.size)
        if root != self.older.root:
            raise ForkDetected(
                f"the signed tree of {self.newer.size} records does not continue"
                f" the signed tree of {self.older.size} records",
                hint="keep both signed notes: together they prove that the database misbehaved",
            )


@dataclass(frozen=True, slots=True)
class TilePlan:
    """Proves one tile, so that it may be passed on and kept for ever."""

    head: TreeHead
    tile: Tile
    tiles: tuple[Tile, ...]

    def admit(self, blobs: Mapping[Tile, bytes]) -> bytes:
        """Return the authenticated bytes of ``tile``, cut to its width. Raises BadTile."""
        tree = _authenticate(self.head, self.tiles, blobs)
        row = tree.rows[tile_in(self.head.size, self.tile.level, self.tile.index)]
        return row[: self.tile.width * HASH_BYTES]


def plan_inclusion(head: TreeHead, record_id: int) -> InclusionPlan:
    """Plan the proof of one record. Raises BadRecord when the tree has no such record."""
    if not 0 <= record_id < head.size:
        raise BadRecord(f"record {record_id} is not in a tree of {head.size} records")
    leaf_tile = tile_in(head.size, 0, record_id // FULL_WIDTH)
    return InclusionPlan(head, record_id, _with_parents(head, [leaf_tile]))


def plan_consistency(older: TreeHead, newer: TreeHead) -> ConsistencyPlan:
    """Plan the proof that ``newer``, at least as large, continues ``older``.

    Two heads of the same size need no tiles: their roots are equal or they contradict each other.
    """
    if older.size > newer.size:
        raise ValueError(f"the older tree is the larger: {older.size} > {newer.size}")
    if older.size == newer.size:
        return ConsistencyPlan(older, newer, ())
    ends = [tile_in(newer.size, tile.level, tile.index) for tile in edge_tiles(older.size)]
    return ConsistencyPlan(older, newer, _with_parents(newer, ends))


def plan_tile(head: TreeHead, tile: Tile) -> TilePlan:
    """Plan the proof of a tile of hashes of height 8 that lies within the tree.

    The plan asks for the tile as wide as the tree has it, which may be wider than ``tile``.
    """
    if head.size < size_needed(tile):
        raise ValueError(f"{tile.path} lies beyond a tree of {head.size} records")
    return TilePlan(head, tile, _with_parents(head, [tile_in(head.size, tile.level, tile.index)]))


def _with_parents(head: TreeHead, wanted: Iterable[Tile]) -> tuple[Tile, ...]:
    """Add the right edge, and every tile on the way up to it."""
    tiles = dict.fromkeys(edge_tiles(head.size))
    for start in wanted:
        tile = start
        # A tile that is not full lies at the right edge, so the climb ends there at the latest.
        while tile not in tiles:
            tiles[tile] = None
            tile = _parent(head.size, tile)
    return tuple(tiles)


def _parent(size: int, tile: Tile) -> Tile:
    return tile_in(size, tile.level + 1, tile.index // FULL_WIDTH)


def _authenticate(head: TreeHead, tiles: Iterable[Tile], blobs: Mapping[Tile, bytes]) -> _Tree:
    """Check every tile against the signed root, top to bottom. Raises BadTile."""
    missing = [tile.path for tile in tiles if tile not in blobs]
    if missing:
        raise BadTile(f"not all tiles of the proof were given; missing: {', '.join(missing)}")
    tree = _Tree(head.size, {tile: cut(tile, blobs[tile]) for tile in tiles})
    if tree.root(head.size) != head.root:
        raise BadTile(f"the tiles at the right edge do not hash to the signed tree of {head.size} records")
    for tile, row in tree.rows.items():
        # Partial tiles are the right edge, all of whose hashes went into the root just checked.
        if tile.width == FULL_WIDTH and perfect_hash(row) != tree.hash_at(tile.level + 1, tile.index):
            raise BadTile(f"{tile.path} does not hash to its entry in the tile above it")
    return tree


@dataclass(frozen=True, slots=True)
class _Tree:
    """The part of a tree that some tiles show."""

    size: int
    rows: Mapping[Tile, bytes]

    def hash_at(self, level: int, index: int) -> bytes:
        """Return one hash of a tile level."""
        row = self.rows[tile_in(self.size, level, index // FULL_WIDTH)]
        start = index % FULL_WIDTH * HASH_BYTES
        return row[start : start + HASH_BYTES]

    def root(self, size: int) -> bytes:
        """Return the root of the first ``size`` records."""
        found: list[bytes] = []
        for tile in edge_tiles(size):
            row = self.rows[tile_in(self.size, tile.level, tile.index)]
            found += peaks(row[: tile.width * HASH_BYTES])
        return fold(found)
