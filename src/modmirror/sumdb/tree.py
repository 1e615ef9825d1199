"""The Merkle tree of RFC 6962, and where its hashes lie in tiles of height 8 (protocol.md B.3, B.4).

Hashes in a row are kept as one ``bytes`` of 32 bytes each, as they stand in a tile. A *peak* is the root of
one of the perfect subtrees that a tree of any size falls into; the tree's hash is made of its peaks.
"""

from __future__ import annotations

from functools import reduce
from hashlib import sha256
from typing import TYPE_CHECKING

from modmirror.sumdb.tile import HASH_BYTES, Tile

if TYPE_CHECKING:
    from collections.abc import Sequence

HEIGHT = 8
"""Tile height that the go command uses, and so every checksum database serves."""
FULL_WIDTH = 1 << HEIGHT
EMPTY_ROOT = sha256(b"").digest()

_PAIR_BYTES = 2 * HASH_BYTES


def leaf_hash(record: bytes) -> bytes:
    """Hash one record: the text alone, without the line that numbers it."""
    return sha256(b"\x00" + record).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """Hash two neighbours into their parent."""
    return sha256(b"\x01" + left + right).digest()


def perfect_hash(row: bytes) -> bytes:
    """Hash a row of ``2**k`` hashes up to the root of their subtree."""
    while len(row) > HASH_BYTES:
        pairs = range(0, len(row), _PAIR_BYTES)
        row = b"".join([sha256(b"\x01" + row[at : at + _PAIR_BYTES]).digest() for at in pairs])
    return row


def peaks(row: bytes) -> list[bytes]:
    """Split a row of hashes into perfect subtrees, largest first, and return their roots."""
    count = len(row) // HASH_BYTES
    found = []
    start = 0
    for bit in reversed(range(count.bit_length())):
        if count >> bit & 1:
            end = start + (HASH_BYTES << bit)
            found.append(perfect_hash(row[start:end]))
            start = end
    return found


def fold(row_of_peaks: Sequence[bytes]) -> bytes:
    """Hash the peaks of a tree, left to right, into its root."""
    if not row_of_peaks:
        return EMPTY_ROOT
    return reduce(lambda right, left: node_hash(left, right), reversed(row_of_peaks))


def tile_in(size: int, level: int, index: int) -> Tile:
    """Return a tile as wide as it is in a tree of ``size`` records. It must have a hash there."""
    width = min(FULL_WIDTH, (size >> HEIGHT * level) - (index << HEIGHT))
    if width < 1:
        raise ValueError(f"a tree of {size} has no tile {index} at level {level}")
    return Tile(HEIGHT, level, index, width)


def size_needed(tile: Tile) -> int:
    """Return the size of the smallest tree that has all hashes of a tile of height 8."""
    if tile.height != HEIGHT or tile.level < 0:
        raise ValueError(f"{tile.path} is not a tile of hashes of height {HEIGHT}")
    return (tile.index * FULL_WIDTH + tile.width) << HEIGHT * tile.level


def edge_tiles(size: int) -> list[Tile]:
    """Return the partial tiles at the right edge of a tree, top level first.

    Their hashes, and no others, make up all peaks of the tree: a level whose hashes fill whole tiles has
    its peaks further up.
    """
    tiles = []
    level = 0
    while count := size >> HEIGHT * level:
        if count % FULL_WIDTH:
            tiles.append(Tile(HEIGHT, level, count // FULL_WIDTH, count % FULL_WIDTH))
        level += 1
    return tiles[::-1]
