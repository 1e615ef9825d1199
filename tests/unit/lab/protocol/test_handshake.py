from __future__ import annotations

import asyncio
import ssl
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from modmirror.lab.protocol.handshake import shake_hands
from modmirror.lab.target import Target
from tests.fakes.tls import server_context, write_ca

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path


@asynccontextmanager
async def listening(context: ssl.SSLContext, ca: Path) -> AsyncIterator[Target]:
    async def wait(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()
        writer.close()

    server = await asyncio.start_server(wait, "127.0.0.1", 0, ssl=context)
    async with server:
        port = server.sockets[0].getsockname()[1]
        yield Target(name="a", scheme="https", host="127.0.0.1", port=port, ca_file=str(ca))


async def test_the_version_offered_is_the_one_agreed_on(tmp_path: Path) -> None:
    async with listening(server_context(), write_ca(tmp_path)) as target:
        for version, name in ((ssl.TLSVersion.TLSv1_2, "TLSv1.2"), (ssl.TLSVersion.TLSv1_3, "TLSv1.3")):
            assert await shake_hands(target, ("http/1.1",), version) == (name, "http/1.1")


async def test_an_emulated_link_changes_the_way_and_not_the_name(tmp_path: Path) -> None:
    async with listening(server_context(), write_ca(tmp_path)) as target:
        far = replace(target, port=1, via=(target.host, target.port))
        assert (await shake_hands(far, ("http/1.1",)))[1] == "http/1.1"


async def test_the_server_chooses_the_protocol(tmp_path: Path) -> None:
    context = server_context()
    context.set_alpn_protocols(["h2"])
    async with listening(context, write_ca(tmp_path)) as target:
        assert (await shake_hands(target, ("h2", "http/1.1")))[1] == "h2"


async def test_a_version_that_the_server_lacks_is_an_error(tmp_path: Path) -> None:
    context = server_context()
    context.maximum_version = ssl.TLSVersion.TLSv1_2
    async with listening(context, write_ca(tmp_path)) as target:
        with pytest.raises(OSError):  # noqa: PT011 - the contract says no more
            await shake_hands(target, ("http/1.1",), ssl.TLSVersion.TLSv1_3)
