"""Ends connections on which nothing happens, where the server that accepted them does not.

granian limits the time for the head of a request, but neither for a TLS handshake nor for the first byte
after it. The kernel knows when a connection last carried data; this asks it now and then. Linux only.
"""

from __future__ import annotations

import os
import socket
import struct
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

Peer: TypeAlias = tuple[str, int]
"""Address and port of a client."""

_DESCRIPTORS = Path("/proc/self/fd")
# struct tcp_info of linux/tcp.h: eight small fields, then 32-bit ones, among them the milliseconds since
# data was last sent and last received.
_TCP_INFO = struct.Struct("=8B12I")
_SENT, _RECEIVED = 17, 19


def close_idle(port: int, seconds: float, busy: Collection[Peer]) -> int:
    """End connections accepted on ``port`` that carried nothing for ``seconds``; return how many.

    Clients in ``busy`` are waiting for us and left alone. Makes a few system calls for each open
    descriptor: call it off the event loop.
    """
    closed = 0
    for connection, peer in _accepted(port):
        # It may end by itself at any moment, which is just as well.
        with connection, suppress(OSError):
            if peer not in busy and _quiet_for(connection) > seconds:
                # Its owner sees the end and lets go: the connection is not ours to close.
                connection.shutdown(socket.SHUT_RDWR)
                closed += 1
    return closed


def _accepted(port: int) -> Iterator[tuple[socket.socket, Peer]]:
    """Yield a second descriptor for each TCP connection that came in on a port."""
    for entry in list(_DESCRIPTORS.iterdir()) if _DESCRIPTORS.is_dir() else []:
        try:
            # What the number stands for may change under us; the copy stays what it is.
            copy = os.dup(int(entry.name))
        except OSError:
            continue
        try:
            connection = socket.socket(fileno=copy)
        except OSError:
            os.close(copy)  # no socket
            continue
        peer = _peer(connection, port)
        if peer is None:
            connection.close()
        else:
            yield connection, peer


def _peer(connection: socket.socket, port: int) -> Peer | None:
    if connection.family not in (socket.AF_INET, socket.AF_INET6):
        return None
    if connection.type != socket.SOCK_STREAM:
        return None
    try:
        if connection.getsockname()[1] != port:
            return None
        address = connection.getpeername()
    except OSError:
        return None  # it listens, or has ended
    return address[0], address[1]


def _quiet_for(connection: socket.socket) -> float:
    """Return the seconds since it last carried data in either direction."""
    fields = _TCP_INFO.unpack(connection.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, _TCP_INFO.size))
    return float(min(fields[_SENT], fields[_RECEIVED])) / 1000
