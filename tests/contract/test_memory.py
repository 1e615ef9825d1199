from __future__ import annotations

import pytest

from modmirror.storage.memory import MemoryStorage
from tests.contract.storage_suite import ModuleStorageSuite


class TestMemoryStorage(ModuleStorageSuite):
    @pytest.fixture
    def store(self) -> MemoryStorage:
        return MemoryStorage()
