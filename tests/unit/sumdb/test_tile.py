from __future__ import annotations

import pytest

from modmirror.errors import BadTile, InvalidTarget
from modmirror.sumdb.tile import DATA_LEVEL, Tile, cut, parse_tile_path

CANONICAL = [
    ("tile/8/0/000", Tile(8, 0, 0, 256)),
    ("tile/8/0/001.p/12", Tile(8, 0, 1, 12)),
    ("tile/8/0/999", Tile(8, 0, 999, 256)),
    ("tile/8/0/x001/000", Tile(8, 0, 1000, 256)),
    ("tile/8/2/x001/x234/067.p/255", Tile(8, 2, 1234067, 255)),
    ("tile/8/data/x012/345", Tile(8, DATA_LEVEL, 12345, 256)),
    ("tile/8/data/000.p/1", Tile(8, DATA_LEVEL, 0, 1)),
    ("tile/1/0/000.p/1", Tile(1, 0, 0, 1)),
    ("tile/3/4/x005/050", Tile(3, 4, 5050, 8)),
    ("tile/30/0/000.p/1073741823", Tile(30, 0, 0, 2**30 - 1)),
    ("tile/8/0/x036/x028/x797/x018/963", Tile(8, 0, 36028797018963, 256)),
]


@pytest.mark.matrix("T151")
@pytest.mark.parametrize(("path", "tile"), CANONICAL)
def test_path_and_tile_name_each_other(path: str, tile: Tile) -> None:
    assert parse_tile_path(path) == tile
    assert tile.path == path


@pytest.mark.matrix("T152")
@pytest.mark.parametrize(
    "path",
    [
        "tile/8/0/1",
        "tile/8/0/x001",
        "tile/8/0/0001",
        "tile/8/0/x000/001",
        "tile/8/0/001/002",
        "tile/8/0/x001/x002",
        "tile/8/0/X001/002",
        "tile/8/0/-01",
        "tile/8/0/\u0660\u0660\u0661",
        "tile/8/0/001.p/0",
        "tile/8/0/001.p/012",
        "tile/8/0/001.p/256",
        "tile/8/0/001.p/300",
        "tile/8/0/001.p/-1",
        "tile/8/0/001.p/",
        "tile/8/0/001.p",
        "tile/8/0/001/",
        "tile/8/0/001\n",
        "tile/8/0/",
        "tile/8/0",
        "tile/8/00/001",
        "tile/8/-1/001",
        "tile/8/Data/001",
        "tile/0/0/001",
        "tile/08/0/001",
        "tile/31/0/000",
        "tile/99/0/000",
        "tile/8/8/000",
        "tile/30/3/000",
        "tile/8/0/x999/x999/x999/x999/x999/x999/999",
        "tile/8/0/x001/x000/x000/x000/x000/x000/x000/000",
        "tile/1/0/000.p/2",
        "8/0/001",
        "/tile/8/0/001",
        "TILE/8/0/001",
        "",
    ],
)
def test_other_spellings_are_invalid(path: str) -> None:
    with pytest.raises(InvalidTarget):
        parse_tile_path(path)


@pytest.mark.matrix("T151")
def test_tile_has_32_bytes_for_each_hash() -> None:
    assert cut(Tile(8, 0, 1, 12), bytes(32 * 12)) == bytes(32 * 12)
    assert cut(Tile(8, 0, 1, 256), bytes(32 * 256)) == bytes(32 * 256)


@pytest.mark.matrix("T151")
def test_beginning_of_a_full_tile_stands_for_a_partial_one() -> None:
    partial = Tile(8, 0, 1, 12)
    full = bytes(range(256)) * 32
    assert partial.full == Tile(8, 0, 1, 256)
    assert cut(partial, full) == full[: 32 * 12]


@pytest.mark.parametrize("size", [0, 32 * 12 - 1, 32 * 12 + 1, 32 * 13, 32 * 255, 32 * 256 + 32])
def test_any_other_length_is_no_tile(size: int) -> None:
    with pytest.raises(BadTile, match=rf"001\.p/12 has {size} bytes instead of 384"):
        cut(Tile(8, 0, 1, 12), bytes(size))


def test_record_tile_cannot_be_cut_by_length() -> None:
    with pytest.raises(ValueError, match="holds records"):
        cut(Tile(8, DATA_LEVEL, 0, 256), bytes(8192))
