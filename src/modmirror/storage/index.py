"""Digests of stored files, remembered so that a hit need not hash.

A row speaks of a file only while size and modification time match; anything else is hashed again. So the
table may be lost, or the tree filled by others, and every digest is still right.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    import asyncio
    import os

    from modmirror.storage.database import Database


class _Row(NamedTuple):
    size: int
    mtime_ns: int
    digest: str


class BlobIndex:
    """Maps a path below the root to the digest of the file there."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._uncommitted: dict[str, _Row] = {}

    def find(self, path: str, state: os.stat_result) -> str:
        """Return the SHA-256 in hex of the file in this state, or "" if it must be hashed."""
        row = self._uncommitted.get(path) or self._database.fetch(
            "select size, mtime_ns, digest from blobs where path = ?", (path,)
        )
        if row is None or row[0] != state.st_size or row[1] != state.st_mtime_ns:
            return ""
        return str(row[2])

    def remember(self, path: str, state: os.stat_result, digest: str) -> None:
        """Keep a digest. Visible at once; nobody waits for the disk.

        A write that fails costs a hash later and shows in ``Database.failure``.
        """
        row = _Row(state.st_size, state.st_mtime_ns, digest)
        done = self._database.submit(
            "insert or replace into blobs (path, size, mtime_ns, digest) values (?, ?, ?, ?)", (path, *row)
        )
        self._uncommitted[path] = row

        def committed(done: asyncio.Future[None]) -> None:
            if self._uncommitted.get(path) is row:
                del self._uncommitted[path]
            if not done.cancelled():
                done.exception()  # seen: Database.failure has it

        done.add_done_callback(committed)
