"""Tiles: fixed pieces of the hash tree, and their one right spelling in a URL (protocol.md B.2, B.4).

A tile of height H at level L holds hashes of the tree's level H*L, up to ``2**H`` of them. The level called
``data`` holds the records themselves and is -1 here.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from modmirror.errors import BadTile, InvalidTarget

HASH_BYTES = 32
"""Length of a SHA-256 hash."""
DATA_LEVEL = -1
"""The level of record tiles, ``data`` in a path."""

_MAX_HEIGHT = 30
_INDEX_BITS = 63  # record numbers are signed 64-bit integers
_PATH = re.compile(
    r"tile/(?P<height>[1-9][0-9]?)/(?P<level>data|0|[1-9][0-9]?)/"
    r"(?P<index>(?:x[0-9]{3}/){0,6}[0-9]{3})(?:\.p/(?P<width>[1-9][0-9]{0,9}))?"
)


@dataclass(frozen=True, slots=True)
class Tile:
    """Coordinates of a tile. Its bytes are kept apart."""

    height: int
    level: int
    """0 for the leaves, counted in steps of ``height``; DATA_LEVEL for records."""
    index: int
    width: int
    """Number of hashes (or records): ``2**height`` in a full tile."""

    @property
    def full(self) -> Tile:
        """The full tile whose first ``width`` hashes are this tile's."""
        return replace(self, width=1 << self.height)

    @property
    def path(self) -> str:
        """The path below the base of the database, e.g. ``tile/8/0/x001/x234/067.p/12``."""
        level = "data" if self.level == DATA_LEVEL else str(self.level)
        partial = "" if self.width == 1 << self.height else f".p/{self.width}"
        return f"tile/{self.height}/{level}/{_format_index(self.index)}{partial}"


def parse_tile_path(path: str) -> Tile:
    """Read ``tile/H/L/N`` or ``tile/H/L/N.p/W``.

    Raises:
        InvalidTarget: no tile is spelled so, or the tile has another spelling that is the right one.
    """
    match = _PATH.fullmatch(path)
    if not match:
        raise InvalidTarget("not a tile path of the form tile/H/L/NNN or tile/H/L/NNN.p/W")
    height = int(match["height"])
    if height > _MAX_HEIGHT:
        raise InvalidTarget(f"tile height {height} is not within 1 to {_MAX_HEIGHT}")
    level = DATA_LEVEL if match["level"] == "data" else int(match["level"])
    index = int(match["index"].replace("/", "").replace("x", ""))
    width = int(match["width"] or 1 << height)
    tile = Tile(height, level, index, width)
    if width > 1 << height:
        raise InvalidTarget(f"a tile of height {height} is at most {1 << height} wide")
    if tile.path != path:
        # One tile, one spelling: a full tile has no `.p`, an index no zero groups in front.
        raise InvalidTarget(f"tile path is not in its canonical form {tile.path}")
    depth = height * max(level, 0)
    if depth >= _INDEX_BITS or (index << depth + height).bit_length() > _INDEX_BITS:
        raise InvalidTarget("tile lies beyond the largest possible tree")
    return tile


def cut(tile: Tile, data: bytes) -> bytes:
    """Return the hashes of ``tile`` out of its own bytes or those of ``tile.full`` (protocol.md B.2).

    What a full tile holds beyond the width is dropped: nobody has vouched for it.

    Raises:
        BadTile: neither of the two lengths.
        ValueError: a record tile, whose bytes have no fixed length.
    """
    if tile.level == DATA_LEVEL:
        raise ValueError(f"{tile.path} holds records, not hashes")
    size = tile.width * HASH_BYTES
    if len(data) not in {size, tile.full.width * HASH_BYTES}:
        raise BadTile(f"{tile.path} has {len(data)} bytes instead of {size}")
    return data[:size]


def _format_index(index: int) -> str:
    """Write in base 1000, every group but the last marked with ``x``: 1234067 is x001/x234/067."""
    groups = [f"{index % 1000:03d}"]
    while index >= 1000:  # noqa: PLR2004 - the base is the format
        index //= 1000
        groups.append(f"x{index % 1000:03d}")
    return "/".join(reversed(groups))
