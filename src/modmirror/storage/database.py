"""One SQLite file for what can be rebuilt: digests of stored files, and documents.

Reads happen in the event loop on a connection of their own and cost microseconds. Writes go to one thread
that commits whatever is waiting in one transaction, so a burst costs little more than a single write.
"""

from __future__ import annotations

import asyncio
import queue
import sqlite3
import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from modmirror.errors import ConfigError, StorageBroken, StorageError, StorageFull
from modmirror.storage.durable import translated

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

_FORMAT = 1
_BATCH = 256
_SCHEMA = """
create table if not exists blobs (
    path text primary key, size integer not null, mtime_ns integer not null, digest text not null
) without rowid;
create table if not exists documents (
    key text primary key, body blob not null, fetched_at real not null, source text not null,
    missing integer not null
);
"""
_CORRUPT = frozenset({sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB})


@dataclass(frozen=True, slots=True)
class _Statement:
    sql: str
    values: Sequence[Any]
    done: asyncio.Future[None]


_Outcome = tuple["asyncio.Future[None]", Exception | None]


class Database:
    """An open database. Belongs to the event loop that opened it."""

    moved_aside: str
    """File name of a damaged predecessor that was set aside when this one was opened, or empty."""
    failure: StorageError | None
    """Why the latest write failed; None when it did not."""

    def __init__(self, path: Path, loop: asyncio.AbstractEventLoop) -> None:
        """Blocks; use :meth:`open`."""
        self.failure = None
        self._path = path
        self._loop = loop
        self._queue: queue.SimpleQueue[_Statement | None] = queue.SimpleQueue()
        self._closed = False
        self.moved_aside = _set_aside(path) if _suspect(path).exists() else ""
        try:
            self._writer = _connect(path)
        except sqlite3.DatabaseError as error:
            if not _is_corrupt(error):
                raise self._translate(error) from error
            self.moved_aside = _set_aside(path)
            self._writer = _connect(path)
        self._reader = _connect(path)
        self._thread = threading.Thread(target=self._run, name="modmirror-database", daemon=True)
        self._thread.start()

    @classmethod
    async def open(cls, path: Path) -> Database:
        """Open or create. A file that is no database is set aside, see ``moved_aside``.

        Raises:
            ConfigError: a newer modmirror made the file.
            StorageBroken, StorageFull: it cannot be opened.
        """
        with translated("open the store's database"):
            return await asyncio.to_thread(cls, path, asyncio.get_running_loop())

    def fetch(self, sql: str, values: Sequence[Any]) -> tuple[Any, ...] | None:
        """Return the first row, or None. Call on the event loop only."""
        try:
            row: tuple[Any, ...] | None = self._reader.execute(sql, values).fetchone()
        except sqlite3.Error as error:
            raise self._translate(error) from error
        return row

    def submit(self, sql: str, values: Sequence[Any]) -> asyncio.Future[None]:
        """Queue a write; the future is done when it is committed. Writes keep their order."""
        if self._closed:
            raise StorageBroken("the store is closed")
        done = self._loop.create_future()
        self._queue.put(_Statement(sql, values, done))
        return done

    async def close(self) -> None:
        """Commit what is queued and close. Safe to call twice."""
        if self._closed:
            return
        self._closed = True
        self._queue.put(None)
        await asyncio.to_thread(self._thread.join)
        self._reader.close()
        self._writer.close()
        await asyncio.sleep(0)  # lets the last outcomes, queued by the thread, reach their futures

    def _run(self) -> None:
        stop = False
        while not stop:
            batch = [self._queue.get()]
            while len(batch) < _BATCH and not self._queue.empty():
                batch.append(self._queue.get())
            stop = None in batch
            outcomes = self._commit([statement for statement in batch if statement])
            self._loop.call_soon_threadsafe(self._settle, outcomes)

    def _commit(self, batch: list[_Statement]) -> list[_Outcome]:
        try:
            with self._writer:
                for statement in batch:
                    self._writer.execute(statement.sql, statement.values)
        except (sqlite3.Error, ValueError, OverflowError) as error:
            if len(batch) > 1:
                # One of them is at fault. Alone, each gets the outcome it deserves.
                return [outcome for statement in batch for outcome in self._commit([statement])]
            failure = self._translate(error) if isinstance(error, sqlite3.Error) else error
            return [(statement.done, failure) for statement in batch]
        return [(statement.done, None) for statement in batch]

    def _settle(self, outcomes: list[_Outcome]) -> None:
        for done, failure in outcomes:
            self.failure = failure if isinstance(failure, StorageError) else None
            if done.cancelled():
                continue
            if failure:
                done.set_exception(failure)
            else:
                done.set_result(None)

    def _translate(self, error: sqlite3.Error) -> StorageError:
        if _code(error) == sqlite3.SQLITE_FULL:
            return StorageFull("no space left for the store's database")
        if _is_corrupt(error):
            # Seen while running: the next start must not trust it again.
            _suspect(self._path).touch()
            return StorageBroken(
                "the store's database is damaged", hint="restart modmirror: it rebuilds the database"
            )
        name = getattr(error, "sqlite_errorname", type(error).__name__)
        return StorageBroken(f"the store's database failed: {name}")


def _code(error: sqlite3.Error) -> int:
    # The low byte is the primary code. Errors of the Python layer carry none.
    return int(getattr(error, "sqlite_errorcode", 0)) & 0xFF


def _is_corrupt(error: sqlite3.Error) -> bool:
    return _code(error) in _CORRUPT


def _connect(path: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(path, timeout=10, isolation_level="IMMEDIATE", check_same_thread=False)
    try:
        connection.execute("pragma journal_mode = wal")
        # A power cut may lose the latest commits, never the order or the file: all of it can be rebuilt.
        connection.execute("pragma synchronous = normal")
        connection.execute("pragma journal_size_limit = 67108864")
        _require_format(connection)
        # Reading a row of each table finds most damage before anything relies on it.
        connection.execute("select max(path) from blobs").fetchone()
        connection.execute("select max(key) from documents").fetchone()
    except BaseException:
        connection.close()
        raise
    return connection


def _require_format(connection: sqlite3.Connection) -> None:
    (found,) = connection.execute("pragma user_version").fetchone()
    if found > _FORMAT:
        raise ConfigError(
            "storage.path",
            f"the store was written by a newer modmirror (database format {found}, known: {_FORMAT})",
            hint="use that version, or give this one a storage.path of its own",
        )
    if found < _FORMAT:
        connection.executescript(f"{_SCHEMA} pragma user_version = {_FORMAT};")


def _suspect(path: Path) -> Path:
    return path.with_name(f"{path.name}.damaged")


def _set_aside(path: Path) -> str:
    number = 1
    while (broken := path.with_name(f"{path.name}.broken-{number}")).exists():
        number += 1
    for suffix in ("", "-wal", "-shm"):
        part = path.with_name(f"{path.name}{suffix}")
        if part.exists():
            part.rename(f"{broken}{suffix}")
    _suspect(path).unlink(missing_ok=True)
    return broken.name
