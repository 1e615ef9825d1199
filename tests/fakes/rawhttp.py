"""A client that speaks HTTP/1.1 byte by byte, and tells a clean end from a broken one."""

from __future__ import annotations

import socket
import struct
from dataclasses import dataclass
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    from types import TracebackType

DEADLINE = 10.0


@dataclass(frozen=True)
class RawAnswer:
    """What came back."""

    status: int
    headers: dict[str, str]
    body: bytes
    whole: bool
    """The body ended where the headers said, or with the last chunk."""


class RawClient:
    """One connection."""

    def __init__(self, port: int = 0, *, path: str = "", receive_buffer: int = 0) -> None:
        family = socket.AF_UNIX if path else socket.AF_INET
        self.socket = socket.socket(family, socket.SOCK_STREAM)
        if receive_buffer:
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
        self.socket.settimeout(DEADLINE)
        try:
            self.socket.connect(path or ("127.0.0.1", port))
        except BaseException:
            self.socket.close()
            raise
        self._held = b""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.socket.close()

    def reset(self) -> None:
        """Vanish without a polite end."""
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.socket.close()

    def send(self, data: bytes) -> None:
        self.socket.sendall(data)

    def ask(self, path: str, method: str = "GET", **headers: str) -> None:
        """Send a request without waiting for its answer."""
        lines = [f"{key.replace('_', '-')}: {value}" for key, value in headers.items()]
        self.send(
            "\r\n".join([f"{method} {path} HTTP/1.1", "host: test", *lines, "", ""]).encode("latin-1")
        )

    def get(self, path: str, method: str = "GET", **headers: str) -> RawAnswer:
        self.ask(path, method, **headers)
        return self.answer(head=method == "HEAD")

    def answer(self, *, head: bool = False) -> RawAnswer:
        """Read one answer."""
        while b"\r\n\r\n" not in self._held:
            assert self._more(), f"the connection ended before an answer: {self._held!r}"
        top, _, self._held = self._held.partition(b"\r\n\r\n")
        first, *lines = top.decode("latin-1").split("\r\n")
        headers = {
            name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)
        }
        status = int(first.split()[1])
        if head or status == 304:
            return RawAnswer(status, headers, b"", whole=True)
        if headers.get("transfer-encoding") == "chunked":
            return self._chunked(status, headers)
        return self._sized(status, headers)

    def skip(self, size: int) -> None:
        """Read bytes and forget them."""
        while size > 0:
            data = self.socket.recv(1 << 20)
            assert data, "the connection ended early"
            size -= len(data)

    def at_end(self) -> bool:
        """Wait for the server to end the connection; False if it sends something instead."""
        return not self._held and not self._more()

    def _sized(self, status: int, headers: dict[str, str]) -> RawAnswer:
        length = int(headers["content-length"])
        while len(self._held) < length and self._more():
            pass
        body, self._held = self._held[:length], self._held[length:]
        return RawAnswer(status, headers, body, whole=len(body) == length)

    def _chunked(self, status: int, headers: dict[str, str]) -> RawAnswer:
        body = b""
        while True:
            while b"\r\n" not in self._held:
                if not self._more():
                    return RawAnswer(status, headers, body, whole=False)
            size = int(self._held.partition(b"\r\n")[0], 16)
            start = self._held.index(b"\r\n") + 2
            while len(self._held) < start + size + 2:
                if not self._more():
                    return RawAnswer(status, headers, body + self._held[start : start + size], whole=False)
            body += self._held[start : start + size]
            self._held = self._held[start + size + 2 :]
            if size == 0:
                return RawAnswer(status, headers, body, whole=True)

    def _more(self) -> bool:
        try:
            data = self.socket.recv(1 << 20)
        except ConnectionError:
            return False
        self._held += data
        return bool(data)
