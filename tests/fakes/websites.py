"""A web server on loopback, over https and under any names: go-import pages, a GOPROXY, an API.

For a mirror in another process `resolving` sees to it that the names lead here.
"""

from __future__ import annotations

import json
import threading
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler
from typing import TYPE_CHECKING, NamedTuple

from tests.fakes.tls import LoopbackServer

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

_HOOK = """import json, os, socket

names = json.loads(os.environ["TEST_NAMES"])
system = socket.getaddrinfo


def getaddrinfo(host, port, *rest, **options):
    if host in names:
        return system("127.0.0.1", names[host] if port == 443 else port, *rest, **options)
    if host not in ("localhost", "127.0.0.1"):
        raise socket.gaierror(socket.EAI_NONAME, "no such name in this test")
    return system(host, port, *rest, **options)


socket.getaddrinfo = getaddrinfo
"""


class Asked(NamedTuple):
    """A request as it arrived."""

    host: str
    target: str
    authorization: str


class Answer(NamedTuple):
    """What a page is answered with."""

    status: int
    body: bytes = b""
    headers: Mapping[str, str] = {}


@dataclass
class Websites:
    """Pages by ``host/path``. Change them while it runs; any other is 404."""

    port: int = 0
    pages: dict[str, Answer] = field(default_factory=dict)
    asked: list[Asked] = field(default_factory=list)

    def go_import(self, path: str, *tags: str) -> None:
        """Serve a page with go-import tags at a module path."""
        metas = "".join(f'<meta name="go-import" content="{tag}">' for tag in tags)
        self.pages[path] = Answer(200, f"<html><head>{metas}</head></html>".encode())

    def redirect(self, path: str, location: str) -> None:
        """Send whoever asks elsewhere."""
        self.pages[path] = Answer(302, headers={"Location": location})

    def count(self, word: str) -> int:
        """Return how many requests had a word in host or target."""
        return sum(word in one.host + one.target for one in self.asked)


@contextmanager
def websites(*names: str) -> Iterator[Websites]:
    """Serve while the body runs, with a certificate for ``names`` and 127.0.0.1."""
    state = Websites()

    class Handler(_Handler):
        sites = state

    server = LoopbackServer(Handler, names)
    state.port = int(server.server_address[1])
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield state
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


class _Handler(BaseHTTPRequestHandler):
    sites: Websites
    protocol_version = "HTTP/1.1"

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the name is given
        """Say nothing."""

    def do_GET(self) -> None:
        host = self.headers.get("Host", "").partition(":")[0]
        self.sites.asked.append(Asked(host, self.path, self.headers.get("Authorization", "")))
        answer = self.sites.pages.get(f"{host}{self.path.partition('?')[0]}", Answer(404))
        self.send_response(answer.status)
        for name, value in answer.headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(answer.body)))
        self.end_headers()
        self.wfile.write(answer.body)

    def do_POST(self) -> None:
        self.do_GET()


def resolving(folder: Path, names: Mapping[str, int]) -> dict[str, str]:
    """Return variables with which a Python process finds names here, and no others anywhere.

    Args:
        folder: gets the code that sees to it.
        names: where port 443 of each name really is; other ports of a name are themselves.
    """
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "sitecustomize.py").write_text(_HOOK)
    return {"PYTHONPATH": str(folder), "TEST_NAMES": json.dumps(dict(names))}
