"""A client that reads as fast as it can and looks at its watch: one request, one connection."""

from __future__ import annotations

import socket
import time
from dataclasses import dataclass
from urllib.parse import urlsplit

_LIMIT = 120.0
_PIECE = 262_144


@dataclass(frozen=True, slots=True)
class Timing:
    """Seconds since before the connection was opened."""

    first_byte: float
    """Until the first byte of the body."""
    whole: float
    """Until its last."""
    body_bytes: int


def fetch(url: str) -> Timing:
    """Ask for ``url`` as the go command does and time the answer. Only 200 and a whole body count."""
    parts = urlsplit(url)
    request = (
        f"GET {parts.path} HTTP/1.1\r\nHost: {parts.netloc}\r\nUser-Agent: GoCommand/1\r\n"
        "Accept-Encoding: gzip\r\nConnection: close\r\n\r\n"
    )
    start = time.perf_counter()
    with socket.create_connection((parts.hostname or "", parts.port or 80), _LIMIT) as connection:
        connection.sendall(request.encode())
        head, body = _read_head(connection)
        while not body:
            body = _more(connection, url)
        first_byte = time.perf_counter() - start
        length = _length(head, url)
        received = len(body)
        buffer = memoryview(bytearray(_PIECE))
        while received < length:
            count = connection.recv_into(buffer)
            if not count:
                raise ConnectionError(f"{url}: the body ended after {received} of {length} bytes")
            received += count
    return Timing(first_byte, time.perf_counter() - start, received)


def _read_head(connection: socket.socket) -> tuple[bytes, bytes]:
    data = b""
    while b"\r\n\r\n" not in data:
        data += _more(connection, "the header")
    head, _, body = data.partition(b"\r\n\r\n")
    return head, body


def _more(connection: socket.socket, what: str) -> bytes:
    data = connection.recv(_PIECE)
    if not data:
        raise ConnectionError(f"{what}: the connection ended")
    return data


def _length(head: bytes, url: str) -> int:
    first, *lines = head.decode("latin-1").split("\r\n")
    if first.split(" ", 2)[1] != "200":
        raise ConnectionError(f"{url}: {first}")
    fields = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
    if "content-length" not in fields:
        raise ConnectionError(f"{url}: no Content-Length in the answer")
    return int(fields["content-length"])
