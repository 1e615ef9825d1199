"""A Subversion server on loopback: a ``svnserve`` for each connection, with faults of real ones."""

from __future__ import annotations

import shutil
import socketserver
import subprocess
import threading
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pytest

from modmirror.origin.processes.process import Tool
from modmirror.origin.svn.command import Svn
from modmirror.origin.svn.repository import SvnRepository
from tests.fakes.kept_remote import KeptRemote, vcs_source
from tests.fakes.svn_history import SvnHistory

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.fakes.history import Change, History


@dataclass
class SvnServer:
    """What it serves and how it misbehaves. Change it while it runs."""

    root: Path
    """Where the repositories are."""
    url: str = ""
    broken: bool = False
    """Hang up on everyone."""
    connections: int = 0


@contextmanager
def svn_server(root: Path) -> Iterator[SvnServer]:
    """Serve the repositories below ``root`` while the body runs; skip where svn is missing."""
    if not all(map(shutil.which, ("svn", "svnadmin", "svnserve"))):
        pytest.skip("svn is not installed: apt-get install subversion")
    root.mkdir(parents=True, exist_ok=True)
    state = SvnServer(root)

    class Connection(socketserver.BaseRequestHandler):
        def handle(self) -> None:
            state.connections += 1
            if not state.broken:
                end = self.request.fileno()
                subprocess.run(["svnserve", "-i", "-r", root], stdin=end, stdout=end, check=False)

    class Server(socketserver.ThreadingTCPServer):
        daemon_threads = True
        allow_reuse_address = True

    with Server(("127.0.0.1", 0), Connection) as server:
        state.url = f"svn://127.0.0.1:{server.server_address[1]}"
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        try:
            yield state
        finally:
            server.shutdown()
            thread.join()


@dataclass
class SvnRemote(KeptRemote[SvnServer]):
    """The remote side for :mod:`tests.contract.repository_suite`, and more knobs for other tests."""

    svn: Svn = field(init=False)
    _numbers: dict[Change, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.svn = Svn(Tool("svn", 8))
        super().__post_init__()

    def publish(self, history: History) -> None:
        """See the suite."""
        self.load(SvnHistory(history))

    def load(self, written: SvnHistory) -> None:
        """Make (or replace) a repository."""
        directory = self.server.root / written.history.name
        shutil.rmtree(directory, ignore_errors=True)
        written.write(directory)
        self._numbers |= written.numbers

    def id_of(self, change: Change) -> str:
        """See the suite."""
        return str(self._numbers.get(change, 999_999))

    def open(self, name: str, **access: Any) -> SvnRepository:
        """See the suite; ``access`` are further fields of the access."""
        url = access.pop("url", f"{self.server.url}/{name}/trunk")

        return SvnRepository(self.svn, vcs_source(url, **access), self.terms)

    def break_down(self) -> None:
        """See the suite."""
        self.server.broken = True
