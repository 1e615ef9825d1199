from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from modmirror.storage.database import Database
from modmirror.storage.documents import MemoryDocuments, SqliteDocuments
from tests.contract.storage_suite import DocumentStorageSuite

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path


class TestMemoryDocuments(DocumentStorageSuite):
    @pytest.fixture
    def documents(self) -> MemoryDocuments:
        return MemoryDocuments()


class TestSqliteDocuments(DocumentStorageSuite):
    @pytest.fixture
    async def documents(self, tmp_path: Path) -> AsyncIterator[SqliteDocuments]:
        database = await Database.open(tmp_path / "state.db")
        yield SqliteDocuments(database)
        await database.close()
