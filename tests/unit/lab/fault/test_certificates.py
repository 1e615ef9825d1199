from __future__ import annotations

import asyncio
import ssl
from typing import TYPE_CHECKING

import pytest

from modmirror.lab.fault.certificates import Authority

if TYPE_CHECKING:
    from pathlib import Path


async def handshake(authority: Authority) -> None:
    client = ssl.create_default_context(cafile=authority.ca_file)

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        del reader
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0, ssl=authority.context)
    async with server:
        port = server.sockets[0].getsockname()[1]
        _, writer = await asyncio.open_connection("127.0.0.1", port, ssl=client)
        writer.transport.abort()


async def test_a_good_certificate_is_trusted_again_after_bad_ones(tmp_path: Path) -> None:
    authority = Authority(tmp_path)
    await handshake(authority)
    authority.use("wrong-name")
    with pytest.raises(ssl.SSLCertVerificationError, match="IP address mismatch"):
        await handshake(authority)
    authority.use("expired")
    with pytest.raises(ssl.SSLCertVerificationError, match="expired"):
        await handshake(authority)
    authority.use("good")
    await handshake(authority)
