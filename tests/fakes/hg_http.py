"""An hg server on loopback, made of hg's own web application, with the faults that real ones have."""

from __future__ import annotations

import hashlib
import shutil
import sys
import threading
from contextlib import contextmanager
from dataclasses import dataclass, field
from importlib import import_module
from pathlib import Path
from socketserver import ThreadingMixIn
from typing import TYPE_CHECKING, Any
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

from modmirror.origin.hg.command import Hg
from modmirror.origin.hg.repository import HgRepository
from modmirror.origin.processes.process import SEARCH_PATH, Tool
from tests.fakes.hg_history import HgHistory
from tests.fakes.kept_remote import KeptRemote, vcs_source

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from tests.fakes.history import Change, History

HG_SEARCH_PATH = f"{Path(sys.executable).parent}:{SEARCH_PATH}"
"""hg is installed beside the Python of the tests."""


class _Server(ThreadingMixIn, WSGIServer):
    daemon_threads = True


class _Quiet(WSGIRequestHandler):
    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  # the name it has
        pass


@dataclass
class HgServer:
    """What it serves and how it misbehaves. Change it while it runs."""

    root: Path
    """Where the repositories are."""
    url: str = ""
    status: str = ""
    """Answer every request with this status, such as ``500 broken``."""
    authorization: str = ""
    """Value of the header that every request must have; empty for none."""
    location: str = ""
    """Redirect every request to this server."""
    manifest: str = ""
    """What to answer when asked for clone bundles: a list of other places."""
    hanging: threading.Event | None = None
    """If set: send nothing before this is set."""
    asked: list[str] = field(default_factory=list)
    """Path and query of each request."""

    def answer(self, environ: dict[str, Any], start: Any) -> Iterable[bytes]:
        """Answer one request, as a WSGI application."""
        path, query = environ["PATH_INFO"], environ["QUERY_STRING"]
        self.asked.append(f"{path}?{query}")
        if self.hanging is not None:
            self.hanging.wait(30)
        status, headers = self._fault(environ, f"{path}?{query}")
        repository = self.root / path.strip("/")
        if not status and not (repository / ".hg").is_dir():
            status = "404 nothing there"
        if status:
            start(status, [("Content-Length", "0"), *headers])
            return []
        environ["SCRIPT_NAME"], environ["PATH_INFO"] = path.rstrip("/"), ""
        pieces: Iterable[bytes] = self._application(repository)(environ, start)
        return pieces

    def _fault(self, environ: dict[str, Any], target: str) -> tuple[str, list[tuple[str, str]]]:
        if self.status:
            return self.status, []
        if self.location:
            return "302 elsewhere", [("Location", self.location + target)]
        if self.authorization and environ.get("HTTP_AUTHORIZATION") != self.authorization:
            return "401 who are you", [("WWW-Authenticate", 'Basic realm="hg"')]
        return "", []

    def _application(self, repository: Path) -> Any:
        ui = import_module("mercurial.ui").ui()
        ui.setconfig(b"ui", b"quiet", b"true")
        if self.manifest:
            (repository / ".hg" / "clonebundles.manifest").write_text(self.manifest)
            import_module("mercurial.extensions").load(ui, b"clonebundles", b"")
        repo = import_module("mercurial.hg").repository(ui, str(repository).encode())
        return import_module("mercurial.hgweb").hgweb(repo)


@contextmanager
def hg_server(root: Path) -> Iterator[HgServer]:
    """Serve the repositories below ``root`` while the body runs."""
    state = HgServer(root)
    # Here, because two threads cannot do it at once.
    import_module("mercurial.initialization").init()
    server = make_server("127.0.0.1", 0, state.answer, server_class=_Server, handler_class=_Quiet)
    state.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield state
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


@dataclass
class HgRemote(KeptRemote[HgServer]):
    """The remote side for :mod:`tests.contract.repository_suite`, and more knobs for other tests."""

    hg: Hg = field(init=False)
    _ids: dict[Change, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.hg = Hg(*(Tool("hg", 8, HG_SEARCH_PATH) for _ in range(2)))
        super().__post_init__()

    def publish(self, history: History) -> None:
        """See the suite."""
        directory = self.server.root / history.name
        for old in (directory, directory.with_name(f"{directory.name}.draft")):
            shutil.rmtree(old, ignore_errors=True)
        written = HgHistory(history)
        written.write(directory)
        self._ids |= {change: node.hex() for change, node in written.nodes.items()}

    def id_of(self, change: Change) -> str:
        """See the suite."""
        return self._ids.get(change) or hashlib.sha1(change.message.encode()).hexdigest()  # noqa: S324  # an id of nothing

    def open(self, name: str, **access: Any) -> HgRepository:
        """See the suite; ``access`` are further fields of the access."""
        url = access.pop("url", f"{self.server.url}/{name}")

        return HgRepository(self.hg, vcs_source(url, **access), self.terms)

    def break_down(self) -> None:
        """See the suite."""
        self.server.status = "500 broken"
