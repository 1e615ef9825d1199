"""A transport in memory, for connections without a network: it takes as much as the test allows."""

from __future__ import annotations

import asyncio
import socket
from typing import Any


class MemoryTransport(asyncio.Transport):
    """Remembers what was written. With ``stuffed`` it takes nothing more until :meth:`take`."""

    def __init__(self, protocol: asyncio.Protocol, peer: Any = ("192.0.2.9", 4711)) -> None:
        super().__init__({"peername": peer})
        self._protocol = protocol
        self.written = bytearray()
        self.stuffed = False
        self.held = 0
        self.reading = True
        self.closing = False
        self.aborted = False
        self.ended = False
        self.pair = socket.socketpair()
        for each in self.pair:
            each.settimeout(0)

    def get_extra_info(self, name: str, default: Any = None) -> Any:
        return self.pair[0] if name == "socket" else super().get_extra_info(name, default)

    def write(self, data: bytes | bytearray | memoryview) -> None:
        self.written += data
        if self.stuffed:
            self.held += len(data)
            self._protocol.pause_writing()

    def take(self) -> None:
        """Let everything through."""
        self.stuffed, self.held = False, 0
        self._protocol.resume_writing()

    def get_write_buffer_size(self) -> int:
        return self.held

    def set_write_buffer_limits(self, high: int | None = None, low: int | None = None) -> None:
        assert high == 0

    def pause_reading(self) -> None:
        assert self.reading
        self.reading = False

    def resume_reading(self) -> None:
        assert not self.reading
        self.reading = True

    def can_write_eof(self) -> bool:
        return True

    def write_eof(self) -> None:
        self.ended = True

    def is_closing(self) -> bool:
        return self.closing

    def close(self) -> None:
        if not self.closing:
            self.closing = True
            asyncio.get_running_loop().call_soon(self._protocol.connection_lost, None)

    def abort(self) -> None:
        self.aborted = True
        self.close()

    def release(self) -> None:
        """Close the pair of sockets behind it."""
        for each in self.pair:
            each.close()
