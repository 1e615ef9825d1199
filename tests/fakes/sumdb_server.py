"""A :class:`FakeSumdb` behind loopback HTTP, for clients that want an address (the real go command too)."""

from __future__ import annotations

import threading
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.fakes.sumdb import FakeSumdb

STALL_LIMIT = 30.0
"""Seconds after which a stalled answer is sent all the same, so that no test hangs."""


@dataclass(slots=True)
class ServedSumdb:
    """Where the database is, and what it was asked."""

    db: FakeSumdb
    url: str
    requests: list[str] = field(default_factory=list)
    """Paths as they came, in order of arrival."""
    gate: threading.Event = field(default_factory=threading.Event)
    """Answers wait for it: ``clear()`` makes the database stall, ``set()`` lets it go on."""

    @property
    def gosumdb(self) -> str:
        """The value for GOSUMDB that makes the go command ask this server directly."""
        return f"{self.db.key} {self.url}"


@contextmanager
def serve(db: FakeSumdb) -> Iterator[ServedSumdb]:
    """Serve at ``/…`` like a database and at ``/sumdb/NAME/…`` like a proxy."""
    served = ServedSumdb(db, "")
    served.gate.set()
    lock = threading.Lock()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True  # head and body are two writes: the second would wait 40 ms

        def do_GET(self) -> None:
            path = urlsplit(self.path).path
            served.requests.append(path)
            served.gate.wait(STALL_LIMIT)
            with lock:
                status, body = db.get(path.removeprefix(f"/sumdb/{db.name}").removeprefix("/"))
            self.send_response(status)
            self.send_header("Content-Type", "text/plain; charset=utf-8")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - name of the base class
            """Say nothing: requests are in ``served.requests``."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    served.url = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield served
    finally:
        served.gate.set()
        server.shutdown()
        thread.join()
        server.server_close()
