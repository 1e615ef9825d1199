from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.contract.repository_suite import RepositorySuite
from tests.fakes.git_http import git_server
from tests.fakes.git_remote import GitRemote

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


class TestGit(RepositorySuite):
    @pytest.fixture
    def remote(self, tmp_path: Path) -> Iterator[GitRemote]:
        with git_server(tmp_path / "served") as server:
            yield GitRemote(server, tmp_path / "kept")


@pytest.mark.matrix("T80")
class TestGitWithSha256(RepositorySuite):
    @pytest.fixture
    def remote(self, tmp_path: Path) -> Iterator[GitRemote]:
        with git_server(tmp_path / "served") as server:
            yield GitRemote(server, tmp_path / "kept", algorithm="sha256")
