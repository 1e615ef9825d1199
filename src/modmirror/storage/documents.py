"""Documents: answers that change. In SQLite beside the modules, or in memory."""

from __future__ import annotations

from typing import TYPE_CHECKING

from modmirror.storage.port import Document

if TYPE_CHECKING:
    from modmirror.storage.database import Database


class SqliteDocuments:
    """Documents in the database of a store (``DocumentStorage``)."""

    def __init__(self, database: Database) -> None:
        """The database stays its owner's to close."""
        self._database = database

    def get(self, key: str) -> Document | None:
        """Return a document, or None."""
        row = self._database.fetch(
            "select body, fetched_at, source, missing from documents where key = ?", (key,)
        )
        if row is None:
            return None
        body, fetched_at, source, missing = row
        return Document(body, fetched_at, source, bool(missing))

    async def put(self, key: str, document: Document) -> None:
        """Store or replace."""
        await self._database.submit(
            "insert or replace into documents (key, body, fetched_at, source, missing)"
            " values (?, ?, ?, ?, ?)",
            (key, document.body, document.fetched_at, document.source, document.missing),
        )

    async def delete(self, key: str) -> None:
        """Forget a document."""
        await self._database.submit("delete from documents where key = ?", (key,))

    async def close(self) -> None:
        """Nothing is pending here: each write was awaited, and the database has an owner."""


class MemoryDocuments:
    """Documents that are gone at exit (``DocumentStorage``)."""

    def __init__(self) -> None:
        self._documents: dict[str, Document] = {}

    def get(self, key: str) -> Document | None:
        """Return a document, or None."""
        return self._documents.get(key)

    async def put(self, key: str, document: Document) -> None:
        """Store or replace."""
        self._documents[key] = document

    async def delete(self, key: str) -> None:
        """Forget a document."""
        self._documents.pop(key, None)

    async def close(self) -> None:
        """Forget everything."""
        self._documents.clear()
