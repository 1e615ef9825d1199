"""A Fossil server on loopback: a ``fossil http`` for each connection, with faults of real ones."""

from __future__ import annotations

import hashlib
import os
import shutil
import socketserver
import subprocess
import threading
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pytest

from modmirror.origin.fossil.command import Fossil
from modmirror.origin.fossil.repository import FossilRepository
from modmirror.origin.processes.process import Tool
from tests.fakes.fossil_history import FossilHistory
from tests.fakes.kept_remote import KeptRemote, vcs_source

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.fakes.history import Change, History


@dataclass
class FossilServer:
    """What it serves and how it misbehaves. Change it while it runs."""

    root: Path
    """Where the repositories are, as files that end in ``.fossil``."""
    url: str = ""
    answer: bytes = b""
    """Answer every request with these bytes instead."""
    connections: int = 0


@contextmanager
def fossil_server(root: Path) -> Iterator[FossilServer]:
    """Serve the repositories below ``root`` while the body runs; skip where fossil is missing."""
    if not shutil.which("fossil"):
        pytest.skip("fossil is not installed: apt-get install fossil")
    root.mkdir(parents=True, exist_ok=True)
    state = FossilServer(root)
    environ = {"PATH": os.environ["PATH"], "USER": "u", "FOSSIL_HOME": str(root)}

    class Connection(socketserver.StreamRequestHandler):
        def handle(self) -> None:
            state.connections += 1
            if state.answer:
                self.connection.recv(65_536)
                self.wfile.write(state.answer)
                return
            end = self.connection.fileno()
            # Without --nodelay it stays behind for a minute, in case there are other things to do.
            command = ["fossil", "http", str(root), "--nojail", "--nodelay", "--ipaddr", "127.0.0.1"]
            subprocess.run(command, stdin=end, stdout=end, env=environ, check=False)

    class Server(socketserver.ThreadingTCPServer):
        daemon_threads = True
        allow_reuse_address = True

    with Server(("127.0.0.1", 0), Connection) as server:
        state.url = f"http://127.0.0.1:{server.server_address[1]}"
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        try:
            yield state
        finally:
            server.shutdown()
            thread.join()


@dataclass
class FossilRemote(KeptRemote[FossilServer]):
    """The remote side for :mod:`tests.contract.repository_suite`, and more knobs for other tests."""

    fossil: Fossil = field(init=False)
    _ids: dict[Change, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.fossil = Fossil(Tool("fossil", 8), Tool("fossil", 8))
        super().__post_init__()

    def publish(self, history: History) -> None:
        """See the suite."""
        written = FossilHistory(history)
        file = self.file(history.name)
        file.unlink(missing_ok=True)
        shutil.rmtree(file.with_suffix(".artifacts"), ignore_errors=True)
        written.write(file)
        self._ids |= {change: whole[:40] for change, whole in written.ids.items()}

    def file(self, name: str) -> Path:
        """Return where a repository is."""
        return self.server.root / f"{name}.fossil"

    def id_of(self, change: Change) -> str:
        """See the suite."""
        return self._ids.get(change) or hashlib.sha3_256(change.message.encode()).hexdigest()[:40]

    def open(self, name: str, **access: Any) -> FossilRepository:
        """See the suite; ``access`` are further fields of the access."""
        url = access.pop("url", f"{self.server.url}/{name}")

        return FossilRepository(self.fossil, vcs_source(url, **access), self.terms)

    def break_down(self) -> None:
        """See the suite."""
        self.server.answer = b"HTTP/1.0 500 broken\r\nContent-Length: 0\r\n\r\n"
