from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.contract.repository_suite import RepositorySuite
from tests.fakes.hg_http import HgRemote, hg_server

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


class TestHg(RepositorySuite):
    @pytest.fixture
    def remote(self, tmp_path: Path) -> Iterator[HgRemote]:
        with hg_server(tmp_path / "served") as server:
            yield HgRemote(server, tmp_path / "kept")
