from __future__ import annotations

import errno
import os
from typing import TYPE_CHECKING, Any

import pytest

from modmirror.storage.filesystem import FilesystemStorage
from tests.contract.storage_suite import ModuleStorageSuite

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path


class TestFilesystemStorage(ModuleStorageSuite):
    @pytest.fixture
    async def store(self, tmp_path: Path) -> AsyncIterator[FilesystemStorage]:
        store = await FilesystemStorage.open_store(tmp_path / "store")
        yield store
        await store.close()
        assert not any((tmp_path / "store/.modmirror/spool").iterdir())
        assert not any((tmp_path / "store/.modmirror/tmp").iterdir())


class TestFilesystemStorageWithoutHardLinks(TestFilesystemStorage):
    @pytest.fixture(autouse=True)
    def no_links(self, monkeypatch: pytest.MonkeyPatch) -> None:
        def refuse(*_args: Any, **_kwargs: Any) -> None:
            raise OSError(errno.EPERM, os.strerror(errno.EPERM))

        monkeypatch.setattr(os, "link", refuse)


class TestFilesystemStorageWithoutNonBlockingReads(TestFilesystemStorage):
    @pytest.fixture(autouse=True)
    def no_flag(self, monkeypatch: pytest.MonkeyPatch) -> None:
        def refuse(*_args: Any) -> int:
            raise OSError(errno.EOPNOTSUPP, os.strerror(errno.EOPNOTSUPP))

        monkeypatch.setattr(os, "preadv", refuse)


class TestFilesystemStorageOnAColdDisk(TestFilesystemStorage):
    @pytest.fixture(autouse=True)
    def cold(self, monkeypatch: pytest.MonkeyPatch) -> None:
        def would_block(*_args: Any) -> int:
            raise BlockingIOError

        monkeypatch.setattr(os, "preadv", would_block)
