"""The shell around ``modmirror.sumdb`` at its smallest: every question goes straight to a FakeSumdb."""

from __future__ import annotations

from typing import TYPE_CHECKING

from modmirror.sumdb.head import open_tree_head
from modmirror.sumdb.lookup import begin_lookup
from modmirror.sumdb.note import VerifierKey

if TYPE_CHECKING:
    from collections.abc import Iterable

    from modmirror.sumdb.head import TreeHead
    from modmirror.sumdb.lookup import Proven
    from modmirror.sumdb.tile import Tile
    from tests.fakes.sumdb import FakeSumdb


class Unanswered(Exception):
    """The database gave another status than 200."""


def keys_of(db: FakeSumdb) -> list[VerifierKey]:
    return [VerifierKey.parse(db.key)]


def head_of(db: FakeSumdb, size: int | None = None) -> TreeHead:
    """The head of the true tree, at any size."""
    return open_tree_head(db.note(size), keys_of(db))


def ask(db: FakeSumdb, path: str) -> bytes:
    status, body = db.get(path)
    if status != 200:
        raise Unanswered(path)
    return body


def fetch(db: FakeSumdb, tiles: Iterable[Tile]) -> dict[Tile, bytes]:
    return {tile: ask(db, tile.path) for tile in tiles}


def look_up(db: FakeSumdb, module: str, version: str, known: TreeHead | None = None) -> Proven:
    """Ask, fetch, admit. Module and version must need no escaping."""
    check = begin_lookup(ask(db, f"lookup/{module}@{version}"), keys_of(db), known)
    return check.admit(fetch(db, check.tiles))
