from __future__ import annotations

import asyncio
import sqlite3
from typing import TYPE_CHECKING

import pytest

from modmirror.errors import ConfigError, StorageBroken, StorageFull
from modmirror.storage.database import Database

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

INSERT = "insert or replace into blobs (path, size, mtime_ns, digest) values (?, ?, ?, ?)"
COUNT = "select count(*) from blobs"


def list_broken(directory: Path) -> list[str]:
    return [path.name for path in directory.iterdir() if "broken" in path.name]


@pytest.fixture
async def database(tmp_path: Path) -> AsyncIterator[Database]:
    database = await Database.open(tmp_path / "state.db")
    yield database
    await database.close()


async def test_a_write_is_seen_when_it_is_done(database: Database) -> None:
    await database.submit(INSERT, ("a", 1, 2, "d"))
    assert database.fetch("select * from blobs where path = ?", ("a",)) == ("a", 1, 2, "d")
    assert database.fetch("select * from blobs where path = ?", ("b",)) is None


async def test_writes_keep_their_order(database: Database) -> None:
    await asyncio.gather(*(database.submit(INSERT, ("a", number, 0, "")) for number in range(1000)))
    assert database.fetch("select size from blobs", ()) == (999,)


async def test_a_bad_write_fails_alone_in_its_group(database: Database) -> None:
    done = [database.submit(INSERT, (f"{number}", number, 0, "")) for number in range(20)]
    bad = database.submit(INSERT, ("bad", None, 0, ""))
    worse = database.submit(INSERT, ("worse", 1 << 70, 0, ""))
    after = database.submit(INSERT, ("after", 1, 0, ""))
    with pytest.raises(StorageBroken, match="CONSTRAINT"):
        await bad
    with pytest.raises(OverflowError):
        await worse
    await asyncio.gather(*done, after)
    assert database.fetch(COUNT, ()) == (21,)


async def test_the_latest_failure_is_kept_until_a_write_succeeds(database: Database) -> None:
    failures = [database.failure]
    with pytest.raises(StorageBroken) as caught:
        await database.submit(INSERT, ("bad", None, 0, ""))
    failures.append(database.failure)
    await database.submit(INSERT, ("good", 1, 0, ""))
    failures.append(database.failure)
    assert failures == [None, caught.value, None]


async def test_a_writer_that_was_cancelled_does_not_stop_the_others(database: Database) -> None:
    gone = database.submit(INSERT, ("gone", 1, 0, ""))
    gone.cancel()
    await database.submit(INSERT, ("here", 1, 0, ""))
    assert database.fetch(COUNT, ()) == (2,)


async def test_a_full_database_is_storage_full(database: Database) -> None:
    database._writer.execute("pragma max_page_count = 20")
    with pytest.raises(StorageFull):
        await database.submit(INSERT, ("a", 1, 0, "x" * 1_000_000))
    await database.submit(INSERT, ("a", 1, 0, "small"))


async def test_a_read_that_cannot_work_is_storage_broken(database: Database) -> None:
    with pytest.raises(StorageBroken):
        database.fetch("select * from nowhere", ())


async def test_closing_commits_what_was_queued(tmp_path: Path) -> None:
    database = await Database.open(tmp_path / "state.db")
    queued = [database.submit(INSERT, (f"{number}", 1, 0, "")) for number in range(500)]
    await database.close()
    await database.close()
    assert all(done.done() and not done.exception() for done in queued)
    with pytest.raises(StorageBroken, match="closed"):
        database.submit(INSERT, ("late", 1, 0, ""))
    again = await Database.open(tmp_path / "state.db")
    assert again.fetch(COUNT, ()) == (500,)
    assert again.moved_aside == ""
    await again.close()


@pytest.mark.parametrize(
    "damage", [b"this is no database, whatever it is" * 200, b"SQLite format 3\0" + bytes(5000)]
)
async def test_a_damaged_file_is_set_aside(tmp_path: Path, damage: bytes) -> None:
    for number in (1, 2):
        (tmp_path / "state.db").write_bytes(damage)
        database = await Database.open(tmp_path / "state.db")
        assert database.moved_aside == f"state.db.broken-{number}"
        await database.submit(INSERT, ("a", 1, 0, ""))
        await database.close()
        assert (tmp_path / f"state.db.broken-{number}").read_bytes()[:16] == damage[:16]


async def test_damage_found_while_running_is_not_trusted_at_the_next_start(tmp_path: Path) -> None:
    path = tmp_path / "state.db"
    database = await Database.open(path)
    await asyncio.gather(*(database.submit(INSERT, (f"{n:09}", 1, 0, "x" * 500)) for n in range(2000)))
    await database.close()
    whole = path.read_bytes()
    # Everything but the first page and the right edge, which a start looks at.
    middle = len(whole) // 2
    path.write_bytes(whole[: middle - 200_000] + b"\xff" * 400_000 + whole[middle + 200_000 :])
    database = await Database.open(path)
    with pytest.raises(StorageBroken, match="damaged"):
        database.fetch("select sum(length(digest)) from blobs", ())
    await database.close()
    again = await Database.open(path)
    assert again.moved_aside == "state.db.broken-1"
    assert again.fetch(COUNT, ()) == (0,)
    await again.close()
    last = await Database.open(path)
    assert last.moved_aside == ""
    await last.close()


async def test_a_database_of_a_newer_modmirror_is_left_alone(tmp_path: Path) -> None:
    with sqlite3.connect(tmp_path / "state.db") as connection:
        connection.execute("pragma user_version = 99")
    connection.close()
    with pytest.raises(ConfigError, match="newer modmirror"):
        await Database.open(tmp_path / "state.db")
    assert not list_broken(tmp_path)


async def test_a_place_that_cannot_be_opened_is_storage_broken(tmp_path: Path) -> None:
    (tmp_path / "state.db").mkdir()
    with pytest.raises(StorageBroken):
        await Database.open(tmp_path / "state.db")
