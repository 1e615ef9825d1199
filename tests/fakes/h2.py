"""A small HTTPS server that speaks HTTP/2: `GoModules` behind granian, on the test's own event loop."""

from __future__ import annotations

import asyncio
import socket
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

from granian.constants import Interfaces
from granian.server.embed import Server

from tests.fakes.gomodules import GoModules
from tests.fakes.tls import write_server_cert

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from tests.fakes.gomodules import FakeFile


class H2Site:
    """Serves ``modules`` and notes the HTTP version of each request."""

    def __init__(self) -> None:
        self.modules = GoModules()
        self.versions: list[str] = []
        self.break_after: int | None = None
        """Fail after so many body bytes, which ends the stream with an error."""

    async def __call__(self, scope: dict[str, Any], _receive: Any, send: Any) -> None:
        """Answer one request (ASGI)."""
        self.versions.append(scope["http_version"])
        headers = dict(scope["headers"])
        file = self.modules.find(unquote(scope["raw_path"].decode()).lstrip("/"))
        if file is None:
            await _send(send, 404, [], b"not found\n")
        else:
            await self._send_file(send, file, headers)

    async def _send_file(self, send: Any, file: FakeFile, headers: dict[bytes, bytes]) -> None:
        start = int(headers.get(b"range", b"bytes=0-").removeprefix(b"bytes=").removesuffix(b"-"))
        if headers.get(b"if-range", file.etag.encode()) != file.etag.encode():
            start = 0
        if start and start >= file.size:
            await _send(send, 416, [], b"")
            return
        extra = [(b"etag", file.etag.encode()), (b"content-type", file.content_type.encode())]
        if start:
            extra.append((b"content-range", f"bytes {start}-{file.size - 1}/{file.size}".encode()))
        body = bytes(file.read(start, file.size))
        await _send(send, 206 if start else 200, extra, body, cut=self.break_after)


async def _send(
    send: Any, status: int, extra: list[tuple[bytes, bytes]], body: bytes, *, cut: int | None = None
) -> None:
    headers = [*extra, (b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    if cut is not None:
        await send({"type": "http.response.body", "body": body[:cut], "more_body": True})
        raise ConnectionError("broken off on purpose")
    for at in range(0, len(body), 65_536):
        await send({"type": "http.response.body", "body": body[at : at + 65_536], "more_body": True})
    await send({"type": "http.response.body", "body": b""})


@asynccontextmanager
async def h2_site(folder: Path) -> AsyncIterator[tuple[H2Site, str]]:
    """Serve an `H2Site`; gives it and its base URL."""
    site = H2Site()
    chain, key = write_server_cert(folder)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    server = Server(
        site,
        port=port,
        interface=Interfaces.ASGINL,
        websockets=False,
        log_enabled=False,
        ssl_cert=chain,
        ssl_key=key,
    )
    running = asyncio.create_task(server.serve())
    try:
        await _until_listening(port)
        yield site, f"https://127.0.0.1:{port}"
    finally:
        server.stop()  # type: ignore[no-untyped-call]  # granian leaves it unannotated
        await running


async def _until_listening(port: int) -> None:
    async with asyncio.timeout(10):
        while True:
            try:
                _, writer = await asyncio.open_connection("127.0.0.1", port)
            except OSError:
                await asyncio.sleep(0.01)
                continue
            writer.close()
            await writer.wait_closed()
            return
