"""A server on loopback that answers with bytes, or not at all, whatever the protocol may be."""

from __future__ import annotations

import socketserver
import threading
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

Answer: TypeAlias = "Callable[[bytes], bytes | None]"


@dataclass
class RawServer:
    """What it says to whatever it hears. Change it while it runs."""

    answer: Answer
    """Gets what a client sent at once; None says nothing and waits until the client has gone."""
    greeting: bytes = b""
    """What it says first, to hang up afterwards; nothing waits for the client's first words."""
    port: int = 0
    heard: list[bytes] = field(default_factory=list)
    connected: threading.Event = field(default_factory=threading.Event)
    """Set at the first connection."""
    waiting: threading.Event = field(default_factory=threading.Event)
    """Set when a client waits in vain."""


@contextmanager
def raw_server(answer: Answer) -> Iterator[RawServer]:
    """Serve while the body runs."""
    state = RawServer(answer)

    class Connection(socketserver.BaseRequestHandler):
        def handle(self) -> None:
            state.connected.set()
            if state.greeting:
                self.request.sendall(state.greeting)
                return
            while heard := self._next():
                state.heard.append(heard)
                said = state.answer(heard)
                if said is not None:
                    self.request.sendall(said)
                    return
                state.waiting.set()

        def _next(self) -> bytes:
            try:
                return bytes(self.request.recv(1 << 16))
            except ConnectionResetError:
                return b""

    class Server(socketserver.ThreadingTCPServer):
        daemon_threads = True
        block_on_close = False

    with Server(("127.0.0.1", 0), Connection) as server:
        state.port = int(server.server_address[1])
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        try:
            yield state
        finally:
            server.shutdown()
            thread.join()


def http(status: str, *headers: str, body: str = "") -> bytes:
    """Return a whole answer, the last on its connection."""
    lines = [f"HTTP/1.1 {status}", *headers, f"Content-Length: {len(body)}", "Connection: close", "", body]
    return "\r\n".join(lines).encode()
