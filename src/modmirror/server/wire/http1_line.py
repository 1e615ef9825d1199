"""What the parts of the HTTP/1.1 wire know of each other.

A connection, as its answers and its server see it; the server, as its connections see it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    import asyncio
    import socket

    from modmirror.server.app import Edge
    from modmirror.server.wire.http1_reader import Familiar


class Listener(Protocol):
    """What connections share."""

    edge: Edge
    loop: asyncio.AbstractEventLoop
    familiar: Familiar
    streams: int
    """Answers under way whose bytes go through this process."""
    date_line: bytes
    date_and_id: bytes
    """The date and the name of the request id: what stands before the id in every head."""

    def joined(self, line: Line) -> None:
        """A client has connected."""

    def gone(self, line: Line) -> None:
        """A connection has ended."""


class Line(Protocol):
    """One connection."""

    server: Listener
    transport: asyncio.Transport
    peer: str
    """Address of the client; empty on a Unix socket."""
    flow: asyncio.Future[None] | None
    """Done as soon as the transport holds nothing any more; None when it holds nothing now."""

    @property
    def socket(self) -> socket.socket:
        """The connection's socket under a descriptor that the event loop does not guard."""

    def send_more(self, head: bytes) -> int:
        """Send the head of a file, which joins it in the same packet; return how much was taken."""

    def close_when_idle(self) -> None:
        """Take no further request."""

    def check(self, now: float, header_timeout: float, stall_limit: float) -> None:
        """Close the connection if its client takes too long to ask, or to read its answer."""
