"""A door on loopback that leads to one host, at the addresses that were judged, and nowhere else.

Git can be told at which address a host is. Svn cannot, and it follows redirects to wherever a server sends
it. But it speaks through a proxy when it must: this is that proxy. It opens for one run of a tool, knows
one host and port, and connects to pinned addresses only (protocol.md D.8).
Over https it sees nothing of what is said; of plain http only the first line of each request.
"""

from __future__ import annotations

import asyncio
import re
from contextlib import asynccontextmanager, suppress
from typing import TYPE_CHECKING, TypeAlias

from modmirror.origin.network.door import CONNECT_SECONDS, carry, open_door

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Sequence

    from modmirror.origin.network.guard import Endpoint
    from modmirror.origin.network.remote import Remote

_Connection: TypeAlias = tuple[asyncio.StreamReader, asyncio.StreamWriter]

_CONNECT = re.compile(rb"CONNECT ([^ ]+) HTTP/1\.[01]")
_PLAIN = re.compile(rb"([A-Z]+) http://([^/ ?#]+)([^ ]*) (HTTP/1\.[01])")
_HOP_BY_HOP = re.compile(rb"(?:proxy-)?(?:connection|authorization):", re.IGNORECASE)

_OPEN = b"HTTP/1.1 200 open\r\n\r\n"
_ELSEWHERE = b"HTTP/1.1 403 leads elsewhere\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
_UNREACHABLE = b"HTTP/1.1 502 no answer\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"


@asynccontextmanager
async def open_gate(remote: Remote, endpoints: Sequence[Endpoint]) -> AsyncIterator[int]:
    """Open a proxy to the host of ``remote`` while the body runs; yield its port on 127.0.0.1."""
    async with open_door(_Gate(remote, endpoints).lead) as port:
        yield port


class _Gate:
    """One host, and which requests are for it."""

    def __init__(self, remote: Remote, endpoints: Sequence[Endpoint]) -> None:
        self._host = f"{remote.host}:{remote.real_port}".encode()
        self._short = remote.host.encode() if remote.port is None else self._host
        self._endpoints = endpoints

    async def lead(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Answer one connection: lead it to the host, or refuse."""
        head = await reader.readuntil(b"\r\n\r\n")
        line, _, fields = head.partition(b"\r\n")
        tunnel, plain = _CONNECT.fullmatch(line), _PLAIN.fullmatch(line)
        if not self._is_here(tunnel[1] if tunnel else plain[2] if plain else b""):
            writer.write(_ELSEWHERE)
            return
        inner = await self._connect()
        if inner is None:
            writer.write(_UNREACHABLE)
            return
        try:
            if plain:
                inner[1].write(_request(plain, fields))
            else:
                writer.write(_OPEN)
            await _join((reader, writer), inner)
        finally:
            inner[1].close()

    def _is_here(self, host: bytes) -> bool:
        return host.lower() in {self._host, self._short}

    async def _connect(self) -> _Connection | None:
        for address, port in self._endpoints:
            with suppress(OSError, TimeoutError):
                async with asyncio.timeout(CONNECT_SECONDS):
                    return await asyncio.open_connection(address, port)
        return None


def _request(plain: re.Match[bytes], fields: bytes) -> bytes:
    """Return the head of a request as the host itself expects it, the only one on its connection."""
    kept = [line for line in fields.split(b"\r\n") if line and not _HOP_BY_HOP.match(line)]
    first = b"%b %b %b" % (plain[1], plain[3] or b"/", plain[4])
    return b"\r\n".join([first, *kept, b"Connection: close", b"", b""])


async def _join(one: _Connection, other: _Connection) -> None:
    """Carry bytes both ways until both sides have said all."""
    tasks = [
        asyncio.create_task(_say_all(one[0], other[1])),
        asyncio.create_task(_say_all(other[0], one[1])),
    ]
    try:
        await asyncio.gather(*tasks)
    finally:
        for task in tasks:
            task.cancel()


async def _say_all(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await carry(reader, writer)
    if writer.can_write_eof():
        writer.write_eof()
