from __future__ import annotations

from typing import TYPE_CHECKING

from modmirror.storage.database import Database
from modmirror.storage.documents import MemoryDocuments, SqliteDocuments
from modmirror.storage.port import Document

if TYPE_CHECKING:
    from pathlib import Path


async def test_documents_are_there_after_a_restart(tmp_path: Path) -> None:
    database = await Database.open(tmp_path / "state.db")
    await SqliteDocuments(database).put("k", Document(b"x", 1.5, "up", missing=True))
    await database.close()
    database = await Database.open(tmp_path / "state.db")
    assert SqliteDocuments(database).get("k") == Document(b"x", 1.5, "up", missing=True)
    await database.close()


async def test_closing_documents_leaves_the_database_to_its_owner(tmp_path: Path) -> None:
    database = await Database.open(tmp_path / "state.db")
    documents = SqliteDocuments(database)
    await documents.put("k", Document(b"x", 1.0))
    await documents.close()
    assert documents.get("k") == Document(b"x", 1.0)
    await database.close()


async def test_documents_in_memory_are_gone_when_closed() -> None:
    documents = MemoryDocuments()
    await documents.put("k", Document(b"x", 1.0))
    await documents.close()
    assert documents.get("k") is None
