"""Many clients of one file, in a process of their own: ``python -m tests.e2e.crowd URL PATH FILE COUNT``.

All connect, then all ask, then all read; every byte is compared with FILE. What became of it is printed as
JSON (:class:`Outcome`).
"""

from __future__ import annotations

import json
import mmap
import resource
import selectors
import socket
import subprocess
import sys
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from collections.abc import Iterator

PIECE = 262_144
TIME_LIMIT = 180.0
"""Seconds after which whoever is not served any more has lost."""


@dataclass
class Outcome:
    """How it went."""

    equal: int
    """Clients that got the file, whole and byte for byte."""
    problems: list[str]
    """What the first few others got."""
    first_byte: float
    """Seconds until the last client had its first byte."""
    seconds: float
    """Seconds until the last client was served."""


class Client:
    """One connection that reads one answer of a declared length."""

    def __init__(self, host: str, port: int) -> None:
        self.socket = socket.create_connection((host, port), timeout=TIME_LIMIT)
        self.problem = ""
        self.got = -1
        """Body bytes so far; -1 before the header is whole."""
        self._head = b""

    def ask(self, path: str) -> None:
        self.socket.sendall(f"GET {path} HTTP/1.1\r\nHost: mirror\r\n\r\n".encode())
        self.socket.settimeout(0)

    def read(self, right: mmap.mmap) -> bool:
        """Take what has arrived; False when there is nothing more to wait for."""
        try:
            data = self.socket.recv(PIECE)
        except BlockingIOError:
            return True
        except ConnectionError as error:
            self.problem = f"{error} after {self.got} bytes"
            return False
        if not data:
            self.problem = f"ended after {self.got} bytes: {self._head[:300]!r}"
            return False
        if self.got < 0:
            data = self._begin(data, len(right))
        if not self.problem and data:
            # Two bytes objects: anything else would be compared byte by byte, which takes minutes.
            if data != right[self.got : self.got + len(data)]:
                self.problem = f"wrong bytes between {self.got} and {self.got + len(data)}"
            self.got += len(data)
        return not self.problem and self.got < len(right)

    def _begin(self, data: bytes, size: int) -> bytes:
        self._head += data
        head, found, body = self._head.partition(b"\r\n\r\n")
        if not found:
            return b""
        self.got = 0
        if not head.startswith(b"HTTP/1.1 200 ") or f"content-length: {size}".encode() not in head.lower():
            self.problem = f"another answer: {head!r}"
        return body


def main(url: str, path: str, file: str, count: str) -> None:
    """Be the crowd."""
    allow_descriptors(int(count) + 100)
    where = urlsplit(url)
    assert where.hostname
    assert where.port
    clients = [Client(where.hostname, where.port) for _ in range(int(count))]
    started = time.monotonic()
    for client in clients:
        client.ask(f"{where.path}/{path}")
    with Path(file).open("rb") as opened, mmap.mmap(opened.fileno(), 0, access=mmap.ACCESS_READ) as right:
        first_bytes = [at - started for at in _served(clients, right, started + TIME_LIMIT)]
        outcome = Outcome(
            equal=sum(client.got == len(right) and not client.problem for client in clients),
            problems=[client.problem for client in clients if client.problem][:3],
            first_byte=max(first_bytes, default=0.0),
            seconds=time.monotonic() - started,
        )
    print(json.dumps(asdict(outcome)))  # noqa: T201 - what the process is for


def _served(clients: list[Client], right: mmap.mmap, deadline: float) -> Iterator[float]:
    """Read from all until each has ended; yield the moment at which each had its first byte."""
    with selectors.DefaultSelector() as selector:
        for client in clients:
            selector.register(client.socket, selectors.EVENT_READ, client)
        while selector.get_map() and time.monotonic() < deadline:
            for key, _ in selector.select(1.0):
                client = key.data
                fresh = client.got < 0
                if not client.read(right):
                    selector.unregister(client.socket)
                    client.socket.close()
                if fresh and client.got >= 0:
                    yield time.monotonic()


def allow_descriptors(count: int) -> None:
    """Raise this process's limit of open files."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft < count:
        resource.setrlimit(resource.RLIMIT_NOFILE, (min(count, hard), hard))


def start_crowd(url: str, path: str, file: Path, count: int) -> subprocess.Popen[bytes]:
    """Start the process; its outcome is for :func:`outcome_of`."""
    command = [sys.executable, "-m", "tests.e2e.crowd", url, path, str(file), str(count)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, cwd=Path(__file__).parents[2])


def outcome_of(process: subprocess.Popen[bytes]) -> Outcome:
    """Wait for a crowd."""
    output, _ = process.communicate(timeout=TIME_LIMIT + 30)
    assert process.returncode == 0
    return Outcome(**json.loads(output))


if __name__ == "__main__":
    main(*sys.argv[1:])
