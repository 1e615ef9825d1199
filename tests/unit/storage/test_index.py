from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from modmirror.storage.database import Database
from modmirror.storage.index import BlobIndex

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path


@pytest.fixture
async def database(tmp_path: Path) -> AsyncIterator[Database]:
    database = await Database.open(tmp_path / "state.db")
    yield database
    await database.close()


def state_of(path: Path, data: bytes, mtime_ns: int) -> os.stat_result:
    path.write_bytes(data)
    os.utime(path, ns=(mtime_ns, mtime_ns))
    return path.stat()


async def test_a_digest_is_found_before_and_after_it_is_committed(
    database: Database, tmp_path: Path
) -> None:
    index = BlobIndex(database)
    state = state_of(tmp_path / "x", b"abc", 1_000)
    index.remember("x", state, "digest")
    assert index.find("x", state) == "digest"
    await database.submit("delete from documents", ())
    assert not index._uncommitted
    assert index.find("x", state) == "digest"
    assert BlobIndex(database).find("x", state) == "digest"


async def test_an_unknown_file_must_be_hashed(database: Database, tmp_path: Path) -> None:
    assert BlobIndex(database).find("x", state_of(tmp_path / "x", b"abc", 1_000)) == ""


@pytest.mark.parametrize(("data", "mtime_ns"), [(b"abcd", 1_000), (b"abc", 1_001), (b"", 0)])
async def test_a_file_that_changed_must_be_hashed_again(
    database: Database, tmp_path: Path, data: bytes, mtime_ns: int
) -> None:
    index = BlobIndex(database)
    index.remember("x", state_of(tmp_path / "x", b"abc", 1_000), "digest")
    assert index.find("x", state_of(tmp_path / "x", data, mtime_ns)) == ""


async def test_the_newest_digest_counts(database: Database, tmp_path: Path) -> None:
    index = BlobIndex(database)
    state = state_of(tmp_path / "x", b"abc", 1_000)
    for number in range(5):
        index.remember("x", state, f"digest {number}")
    assert index.find("x", state) == "digest 4"
    await database.submit("delete from documents", ())
    assert index.find("x", state) == "digest 4"


async def test_a_digest_that_could_not_be_kept_costs_a_hash_and_shows(
    database: Database, tmp_path: Path
) -> None:
    index = BlobIndex(database)
    state = state_of(tmp_path / "x", b"abc", 1_000)
    database._writer.execute("drop table blobs")
    index.remember("x", state, "digest")
    await database.submit("delete from documents", ())
    database._writer.execute("create table blobs (path, size, mtime_ns, digest)")
    assert index.find("x", state) == ""


async def test_a_lost_digest_is_reported_until_a_write_works(database: Database, tmp_path: Path) -> None:
    index = BlobIndex(database)
    database._writer.execute("drop table blobs")
    index.remember("x", state_of(tmp_path / "x", b"abc", 1_000), "digest")
    await database.close()
    assert database.failure is not None
