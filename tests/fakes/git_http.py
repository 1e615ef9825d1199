"""A git server on loopback: smart HTTP by ``git http-backend``, with the faults that real ones have."""

from __future__ import annotations

import base64
import os
import re
import subprocess
import threading
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler
from typing import IO, TYPE_CHECKING
from urllib.parse import urlsplit

from tests.fakes.tls import LoopbackServer

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_PIECE = 65_536
_SERVICE = re.compile(r"(/info/refs|/git-upload-pack|$)")
UPLOAD_PACK = "git-upload-pack"


def basic(user: str, password: str) -> str:
    """Return the value of an Authorization header."""
    return "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()


@dataclass
class GitServer:
    """What it serves and how it misbehaves. Change it while it runs."""

    root: Path
    """Where the bare repositories are."""
    url: str = ""
    authorization: str = ""
    """Value of the header that every request must have; empty for none."""
    status: int = 0
    """Answer every request with this status."""
    status_of_packs: int = 0
    """Answer requests for a pack with this status."""
    location: str = ""
    """Redirect every request to this server (status 302)."""
    renamed: dict[str, str] = field(default_factory=dict)
    """Redirect requests for a repository, by path, to another path (status 301)."""
    silent: bool = False
    """Answer nothing until the server is stopped."""
    cut_after: int = -1
    """Close the connection after so many bytes of a pack; negative for never."""
    hang_after: int = -1
    """Send so many bytes of a pack, then nothing more until the server is stopped."""
    listing: bytes | None = None
    """Answer requests for names with these bytes instead of git's."""
    pack: bytes | None = None
    """Answer requests for a pack with these bytes instead of git's."""
    dumb: bool = False
    """Serve files only, as any web server does."""
    requests: list[tuple[str, str, str]] = field(default_factory=list)
    """Method, target and Authorization of each request."""
    hanging: threading.Event = field(default_factory=threading.Event)
    """Set once a request hangs."""
    stopped: threading.Event = field(default_factory=threading.Event)

    def count(self, word: str) -> int:
        """Return how many requests had a word in their target."""
        return sum(word in target for _, target, _ in self.requests)


@contextmanager
def git_server(root: Path, *, tls: bool = False, names: tuple[str, ...] = ()) -> Iterator[GitServer]:
    """Serve the repositories below ``root`` while the body runs; with ``tls``, under ``names`` too."""
    state = GitServer(root)

    class Handler(_Handler):
        server_state = state

    server = LoopbackServer(Handler, names if tls else None)
    state.url = server.url
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield state
    finally:
        state.stopped.set()
        server.shutdown()
        server.server_close()
        thread.join()


class _Handler(BaseHTTPRequestHandler):
    server_state: GitServer
    protocol_version = "HTTP/1.1"

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the name is given
        """Say nothing."""

    def do_GET(self) -> None:
        self._serve()

    def do_POST(self) -> None:
        self._serve()

    def _serve(self) -> None:
        state = self.server_state
        body = self._body()
        authorization = self.headers.get("Authorization", "")
        state.requests.append((self.command, self.path, authorization))
        for_pack = self.command == "POST" and b"command=ls-refs" not in body
        status = state.status or (state.status_of_packs if for_pack else 0)
        repository, service, rest = _SERVICE.split(self.path, 1)
        if state.silent:
            state.stopped.wait()
        elif state.authorization and authorization != state.authorization:
            self._short(401, {"WWW-Authenticate": 'Basic realm="git"'})
        elif state.location:
            self._short(302, {"Location": state.location + self.path})
        elif repository in state.renamed:
            self._short(301, {"Location": state.renamed[repository] + service + rest})
        elif status:
            self._short(status, {})
        elif state.dumb:
            self._file()
        elif state.listing is not None and not for_pack:
            self._fixed(state.listing)
        elif state.pack is not None and for_pack:
            self._fixed(state.pack)
        else:
            with suppress(BrokenPipeError, ConnectionResetError):
                self._git(body, for_pack=for_pack)

    def _body(self) -> bytes:
        if "chunked" not in self.headers.get("Transfer-Encoding", ""):
            return self.rfile.read(int(self.headers.get("Content-Length", 0)))
        pieces = []
        while size := int(self.rfile.readline(), 16):
            pieces.append(self.rfile.read(size))
            self.rfile.readline()
        self.rfile.readline()
        return b"".join(pieces)

    def _short(self, status: int, headers: dict[str, str]) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def _file(self) -> None:
        path = self.server_state.root / urlsplit(self.path).path.lstrip("/")
        if not path.is_file():
            self._short(404, {})
            return
        self._answer("application/octet-stream", path.read_bytes())

    def _fixed(self, content: bytes) -> None:
        name = "advertisement" if self.command == "GET" else "result"
        self._answer(f"application/x-{UPLOAD_PACK}-{name}", content)

    def _answer(self, kind: str, content: bytes) -> None:
        self.send_response(200)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        with suppress(BrokenPipeError, ConnectionResetError):
            self.wfile.write(content)

    def _git(self, body: bytes, *, for_pack: bool) -> None:
        target = urlsplit(self.path)
        environ = {
            "PATH": os.environ["PATH"],
            "GIT_PROJECT_ROOT": str(self.server_state.root),
            "GIT_HTTP_EXPORT_ALL": "1",
            "GIT_CONFIG_NOSYSTEM": "1",
            "GIT_CONFIG_GLOBAL": os.devnull,
            "REQUEST_METHOD": self.command,
            "PATH_INFO": target.path,
            "QUERY_STRING": target.query,
            "CONTENT_TYPE": self.headers.get("Content-Type", ""),
            "HTTP_CONTENT_ENCODING": self.headers.get("Content-Encoding", ""),
            "GIT_PROTOCOL": self.headers.get("Git-Protocol", ""),
            "CONTENT_LENGTH": str(len(body)),
        }
        with subprocess.Popen(
            ["git", "http-backend"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=environ
        ) as backend:
            assert backend.stdin is not None
            assert backend.stdout is not None
            # Requests are small and http-backend reads them whole before it answers much.
            with suppress(BrokenPipeError):
                backend.stdin.write(body)
                backend.stdin.close()
            self._relay(backend.stdout, for_pack=for_pack)

    def _relay(self, answer: IO[bytes], *, for_pack: bool) -> None:
        status, headers = 200, []
        while line := answer.readline().strip():
            name, _, value = line.decode().partition(": ")
            if name == "Status":
                status = int(value.split()[0])
            else:
                headers.append((name, value))
        self.send_response(status)
        for name, value in headers:
            self.send_header(name, value)
        self.send_header("Connection", "close")
        self.end_headers()
        self.close_connection = True
        self._copy(answer, for_pack=for_pack)

    def _copy(self, answer: IO[bytes], *, for_pack: bool) -> None:
        state = self.server_state
        limit = max(state.cut_after, state.hang_after) if for_pack else -1
        sent = 0
        while piece := answer.read(_PIECE if limit < 0 else min(_PIECE, limit - sent)):
            self.wfile.write(piece)
            sent += len(piece)
        if for_pack and state.hang_after >= 0:
            self.wfile.flush()
            state.hanging.set()
            state.stopped.wait()
