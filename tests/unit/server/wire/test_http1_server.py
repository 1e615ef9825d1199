from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from modmirror.server.wire import http1_server
from modmirror.server.wire.http1_server import Http1Server
from tests.fakes.answers import LIST

if TYPE_CHECKING:
    import pytest

    from tests.unit.server.wire.conftest import Wire

ASK = f"GET {LIST} HTTP/1.1\r\nHost: x\r\n\r\n".encode()


async def test_the_date_is_made_once_a_tick(wire: Wire, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(http1_server, "TICK_SECONDS", 0.001)
    times = iter([1_600_000_000.0, 1_600_000_001.0] + [1_600_000_002.0] * 10_000)
    server = Http1Server(wire.edge, wire.server._settings, now=lambda: next(times))
    assert server.date_line == b"date: Sun, 13 Sep 2020 12:26:40 GMT\r\n"
    await wire.until(lambda: server.date_line == b"date: Sun, 13 Sep 2020 12:26:42 GMT\r\n")
    assert server.date_and_id == server.date_line + b"x-request-id: "
    await server.finish(0)


async def test_connections_are_checked_at_each_tick(wire: Wire, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(http1_server, "TICK_SECONDS", 0.001)
    _, transport = wire.connect()
    monkeypatch.setattr(
        wire.server, "_settings", type("S", (), {"header_timeout": 0, "write_stall_timeout": 1})
    )
    wire.server._timer.cancel()
    wire.server._tick()
    await wire.until(lambda: transport.aborted)
    await wire.until(lambda: not wire.server.connections)


async def test_finishing_closes_idle_connections_and_waits_for_busy_ones(wire: Wire) -> None:
    wire.engine.gate = asyncio.Event()
    _, idle = wire.connect()
    connection, busy = wire.connect()
    connection.data_received(ASK)
    await asyncio.sleep(0)
    finishing = asyncio.create_task(wire.server.finish(10))
    await asyncio.sleep(0)
    assert (idle.closing, busy.closing) == (True, False)
    wire.engine.gate.set()
    assert await finishing == 0
    assert busy.written.startswith(b"HTTP/1.1 200 OK")
    assert busy.closing


async def test_what_does_not_finish_in_time_is_broken_off(wire: Wire) -> None:
    wire.engine.gate = asyncio.Event()
    connection, busy = wire.connect()
    connection.data_received(ASK)
    await asyncio.sleep(0)
    assert await wire.server.finish(0.001) == 1
    assert busy.aborted
    assert wire.log.entries[0].aborted == "shutdown"


async def test_a_client_that_slips_in_while_the_listener_closes_does_not_delay_the_end(wire: Wire) -> None:
    await wire.server.finish(1000)
    _, late = wire.connect()
    assert late.closing


async def test_finishing_without_connections_is_immediate(wire: Wire) -> None:
    assert await wire.server.finish(1000) == 0
