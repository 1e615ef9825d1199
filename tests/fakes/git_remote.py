"""Git repositories on a loopback server, opened through the mirror's own adapter."""

from __future__ import annotations

import shutil
import subprocess
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from modmirror.origin.access.git import GitAccess, HttpAccess
from modmirror.origin.git.command import Git
from modmirror.origin.git.repository import GitRepository
from modmirror.origin.git.smarthttp import SmartHttp
from modmirror.origin.git.source import GitSource
from modmirror.origin.processes.process import Tool
from tests.fakes.git_http import GitServer
from tests.fakes.git_pack import GitObjects, write_git
from tests.fakes.kept_remote import KeptRemote, absent

if TYPE_CHECKING:
    from modmirror.origin.git.refs import Format
    from tests.fakes.git_pack import Algorithm
    from tests.fakes.history import Change, History


@dataclass
class GitRemote(KeptRemote[GitServer]):
    """The remote side for :mod:`tests.contract.repository_suite`, and more knobs for other tests."""

    algorithm: Algorithm = "sha1"
    config: tuple[tuple[str, str], ...] = ()
    """Of git's access."""
    quick: bool = True
    """Whether names are listed without git where that can be."""
    git: Git = field(init=False)

    def __post_init__(self) -> None:
        self.git = Git(Tool("git", 8), Tool("git", 8))
        super().__post_init__()

    def publish(self, history: History) -> None:
        """See the suite."""
        directory = self.server.root / history.name
        shutil.rmtree(directory, ignore_errors=True)
        write_git(history, directory, self.algorithm)

    def publish_as_files(self, history: History) -> None:
        """Publish, and let the server send files only, as any web server can."""
        self.publish(history)
        directory = str(self.server.root / history.name)
        subprocess.run(["git", "-C", directory, "update-server-info"], check=True)
        self.server.dumb = True

    def id_of(self, change: Change) -> str:
        """See the suite."""
        return GitObjects(self.algorithm).commit(change)

    def open(self, name: str) -> GitRepository:
        """See the suite."""
        url = f"{self.server.url}/{name}"

        async def reach() -> GitAccess:
            return GitAccess(url, url.partition(":")[0], self.config)

        http = SmartHttp(timeout=60.0, ca_pem=b"", user_agent="modmirror/test", clock=lambda: self.clock)

        async def list_names(format_: Format) -> bytes | None:
            return await http.names(HttpAccess(url, url), format_) if self.quick else None

        source = GitSource(url, reach, lambda: absent(url), list_names=list_names)
        return GitRepository(self.git, source, self.terms)

    def break_down(self) -> None:
        """See the suite."""
        self.server.status = 500
