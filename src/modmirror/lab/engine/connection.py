"""One TCP (and TLS) connection, opened phase by phase."""

from __future__ import annotations

import asyncio
import socket
import struct
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from modmirror.lab.engine.port import TcpFacts
from modmirror.lab.engine.tls import TlsPipe

if TYPE_CHECKING:
    import ssl
    from collections.abc import Callable

    from modmirror.lab.engine.port import TlsFacts

_PIECE = 1 << 18
_TRY = 5.0
"""Seconds for one address when there are others to try."""

# linux/tcp.h, struct tcp_info: 8 bytes, then 32-bit counters.
_INFO_COUNTERS = struct.Struct("=8x24I")
_RTT, _WINDOW, _RETRANSMITS = 15, 18, 23


@dataclass(slots=True)
class Connection:
    """A connection to one address."""

    sock: socket.socket
    address: str
    tls: TlsFacts | None = None
    used: int = 0
    """Requests that were answered over it."""
    _pipe: TlsPipe | None = field(default=None, repr=False)

    async def secure(self, context: ssl.SSLContext, host: str) -> None:
        """Shake hands. Raises ssl.SSLError and OSError."""
        pipe = TlsPipe(self.sock, context, host)
        self.tls = await pipe.handshake()
        self._pipe = pipe

    async def send(self, data: bytes) -> None:
        """Send all of it."""
        if self._pipe:
            await self._pipe.send(data)
        else:
            await asyncio.get_running_loop().sock_sendall(self.sock, data)

    async def receive(self) -> bytes:
        """Return what comes next; nothing at the end."""
        if self._pipe:
            return await self._pipe.receive()
        return await asyncio.get_running_loop().sock_recv(self.sock, _PIECE)

    @property
    def quiet(self) -> bool:
        """Whether nothing came since the last answer: neither an end nor, without TLS, unasked bytes."""
        try:
            waiting = self.sock.recv(1, socket.MSG_PEEK | socket.MSG_DONTWAIT)
        except BlockingIOError:
            return True
        except OSError:
            return False
        # With TLS 1.3, session tickets come after the handshake, whether wanted or not.
        return bool(waiting) and self._pipe is not None

    def facts(self) -> TcpFacts | None:
        """Return what the kernel counted; None where it does not tell."""
        try:
            raw = self.sock.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, _INFO_COUNTERS.size)
            counters = _INFO_COUNTERS.unpack(raw)
        except (OSError, struct.error):
            return None
        return TcpFacts(
            rtt=counters[_RTT] / 1e6, retransmits=counters[_RETRANSMITS], window=counters[_WINDOW]
        )

    def close(self) -> None:
        """End it without waiting for the other side."""
        self.sock.close()


async def connect(
    addresses: tuple[str, ...], port: int, delay: float, now: Callable[[], float]
) -> tuple[Connection, float]:
    """Connect to the first address that answers.

    Returns:
        The connection, and the seconds that this address took, with ``delay`` before its SYN.

    Raises:
        OSError: none answered; of the last one tried.
    """
    for address in addresses[:-1]:
        try:
            async with asyncio.timeout(_TRY):
                return await _connect(address, port, delay, now)
        except OSError:
            continue  # TimeoutError is one too; the last address speaks for all
    return await _connect(addresses[-1], port, delay, now)


async def _connect(
    address: str, port: int, delay: float, now: Callable[[], float]
) -> tuple[Connection, float]:
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    sock = socket.socket(family, socket.SOCK_STREAM | socket.SOCK_NONBLOCK)
    try:
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        began = now()
        if delay:
            await asyncio.sleep(delay)
        await asyncio.get_running_loop().sock_connect(sock, (address, port))
    except BaseException:
        sock.close()
        raise
    return Connection(sock, address), now() - began
