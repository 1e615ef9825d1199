from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from modmirror.server.app import create_app
from modmirror.server.settings import MemorySettings, ServerSettings
from modmirror.server.wire.http1_server import Http1Server
from modmirror.telemetry.instruments import Instruments
from tests.fakes.answers import INFO, LIST, ZIP, FileBlob, ScriptedEngine, info, stored_zip, versions
from tests.fakes.sinks import ListedAccessLog
from tests.fakes.transports import MemoryTransport

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable
    from pathlib import Path

    from modmirror.server.wire.http1 import Connection

BODY = bytes(range(256)) * 400


class Wire:
    """A server of HTTP/1.1 whose connections end in memory."""

    def __init__(self, folder: Path) -> None:
        self.engine = ScriptedEngine(
            {INFO: info, LIST: versions, ZIP: lambda: stored_zip(FileBlob(folder / "zip", BODY))}
        )
        self.log = ListedAccessLog()
        settings = ServerSettings(header_timeout=10, write_stall_timeout=20)
        instruments = Instruments(access_log=self.log, new_id=lambda: "id-7")
        self.edge = create_app(self.engine, settings, MemorySettings(), (), instruments)
        self.server = Http1Server(self.edge, settings, now=lambda: 1_600_000_000.0)
        self.transports: list[MemoryTransport] = []

    def connect(self) -> tuple[Connection, MemoryTransport]:
        connection = self.server()
        transport = MemoryTransport(connection)
        self.transports.append(transport)
        connection.connection_made(transport)
        return connection, transport

    async def until(self, true: Callable[[], object]) -> None:
        async with asyncio.timeout(10):
            while not true():
                await asyncio.sleep(0)

    async def warm(self, *paths: str) -> None:
        """Ask once, so that the answers are at hand afterwards."""
        for path in paths:
            connection, transport = self.connect()
            connection.data_received(request(path))
            entries = len(self.log.entries)
            await self.until(lambda entries=entries: len(self.log.entries) > entries)  # type: ignore[misc]  # bound early
            transport.abort()
        await asyncio.sleep(0)
        self.log.entries.clear()


def request(path: str, method: str = "GET", *lines: str) -> bytes:
    return "\r\n".join([f"{method} {path} HTTP/1.1", "Host: x", *lines, "", ""]).encode()


@pytest.fixture
async def wire(tmp_path: Path) -> AsyncIterator[Wire]:
    made = Wire(tmp_path)
    yield made
    await made.server.finish(0)
    for transport in made.transports:
        transport.release()
