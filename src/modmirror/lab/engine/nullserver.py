"""A server on loopback that answers at once: what is measured against it is the cost of the client."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

_BODY = b'{"Version":"v1.0.0"}'
_ANSWER = b"HTTP/1.1 200 OK\r\ncontent-length: %d\r\n\r\n%b" % (len(_BODY), _BODY)


class _Null(asyncio.Protocol):
    """Answers each piece that ends a request head."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        if data.endswith(b"\r\n\r\n"):
            assert isinstance(self._transport, asyncio.WriteTransport)  # noqa: S101  # of a TCP server
            self._transport.write(_ANSWER)


@asynccontextmanager
async def null_server() -> AsyncIterator[str]:
    """Serve until the block ends; yields the URL."""
    server = await asyncio.get_running_loop().create_server(_Null, "127.0.0.1", 0)
    try:
        port = server.sockets[0].getsockname()[1]
        yield f"http://127.0.0.1:{port}"
    finally:
        server.close()
