"""An hg repository in a directory, which stands for the remote side of adapters, written by hg itself."""

from __future__ import annotations

import shutil
import sys
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from modmirror.errors import NotExist
from modmirror.origin.access.vcs import VcsAccess, VcsSource
from modmirror.origin.hg.command import Hg, Place
from modmirror.origin.keeping.kept import KeptRepositories
from modmirror.origin.processes.process import SEARCH_PATH, Tool

_SEARCH_PATH = f"{Path(sys.executable).parent}:{SEARCH_PATH}"

NEEDS_HG = pytest.mark.skipif(
    shutil.which("hg", path=_SEARCH_PATH) is None,
    reason="hg is neither beside this Python nor installed",
)


@dataclass
class HgDirectory:
    """The remote side, and a place for clones of it."""

    root: Path
    hg: Hg = field(init=False)
    home: KeptRepositories = field(init=False)

    def __post_init__(self) -> None:
        tool = Tool("hg", 2, _SEARCH_PATH)
        self.hg = Hg(tool, tool)
        self.home = KeptRepositories(self.root / "kept", 1 << 30)
        self.home.open()
        self.remote.mkdir()

    @property
    def remote(self) -> Path:
        """The repository, with a working copy."""
        return self.root / "remote"

    @property
    def url(self) -> str:
        """What an adapter is to ask."""
        return f"file://{self.remote}"

    def source(self, audience: str = "") -> VcsSource:
        """Return the remote side as one route may read it."""

        async def reach() -> VcsAccess:
            return VcsAccess(self.url)

        return VcsSource(self.url, reach, lambda: NotExist("it is not there"), audience)

    async def run(self, *arguments: str) -> str:
        """Run hg on the remote side and return what it says."""
        finished = await self.hg.ask(Place(self.url, self.remote), *arguments)
        assert finished.code == 0, finished.stderr
        return finished.stdout.decode()

    async def begin(self) -> None:
        """Make the repository, without what was in it before."""
        shutil.rmtree(self.remote / ".hg", ignore_errors=True)
        await self.run("init", ".")

    async def commit(self, path: str, text: str) -> str:
        """Commit one file, with all others as they are, and return the id."""
        (self.remote / path).parent.mkdir(parents=True, exist_ok=True)
        (self.remote / path).write_text(text)
        said = await self.run(
            "commit", "--debug", "--addremove", "--message=m", "--date=2020-01-01 00:00 +0000"
        )
        return said.rstrip().rpartition(":")[2]  # committed changeset 0:2ed8b4f1…
