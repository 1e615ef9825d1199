from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from modmirror.server.wire.http1 import MAX_AHEAD
from tests.fakes.answers import INFO, LIST
from tests.fakes.transports import MemoryTransport

if TYPE_CHECKING:
    from tests.unit.server.wire.conftest import Wire


def ask(path: str, method: str = "GET", *lines: str) -> bytes:
    return "\r\n".join([f"{method} {path} HTTP/1.1", "Host: x", *lines, "", ""]).encode()


async def test_one_answer_at_a_time_in_the_order_of_the_requests(wire: Wire) -> None:
    await wire.warm(INFO)
    wire.engine.gate = asyncio.Event()
    connection, transport = wire.connect()
    connection.data_received(ask(LIST) + ask(INFO) + ask(LIST))
    await asyncio.sleep(0)
    assert not transport.written
    wire.engine.gate.set()
    await wire.until(lambda: len(wire.log.entries) == 3)
    assert [entry.path for entry in wire.log.entries] == [LIST, INFO, LIST]
    assert transport.written.count(b"HTTP/1.1 200 OK\r\n") == 3


async def test_too_many_requests_ahead_are_not_read(wire: Wire) -> None:
    wire.engine.gate = asyncio.Event()
    connection, transport = wire.connect()
    connection.data_received(ask(LIST) * (MAX_AHEAD + 2))
    assert transport.reading is False
    wire.engine.gate.set()
    await wire.until(lambda: len(wire.log.entries) == MAX_AHEAD + 2)
    await wire.until(lambda: transport.reading)


async def test_while_the_client_takes_nothing_no_further_answer_is_made(wire: Wire) -> None:
    await wire.warm(INFO)
    connection, transport = wire.connect()
    transport.stuffed = True
    connection.data_received(ask(INFO) * 5)
    assert len(wire.log.entries) == 1
    assert transport.reading is False
    transport.take()
    assert len(wire.log.entries) == 5
    await wire.until(lambda: transport.reading)


async def test_a_connection_ends_after_the_answer_that_says_so(wire: Wire) -> None:
    connection, transport = wire.connect()
    connection.data_received(ask(LIST, "GET", "Connection: close") + ask(LIST))
    await wire.until(lambda: transport.closing)
    assert b"connection: close\r\n" in transport.written
    assert len(wire.log.entries) == 1


async def test_a_client_that_closed_its_side_gets_what_it_asked_for(wire: Wire) -> None:
    connection, transport = wire.connect()
    assert connection.eof_received() is False
    connection, transport = wire.connect()
    connection.data_received(ask(LIST))
    assert connection.eof_received() is True
    await wire.until(lambda: transport.closing)
    assert transport.written.startswith(b"HTTP/1.1 200 OK")


async def test_a_refusal_lingers_so_that_the_client_can_read_it(wire: Wire) -> None:
    connection, transport = wire.connect()
    connection.data_received(b"junk\r\n\r\n")
    assert transport.written.startswith(b"HTTP/1.1 400 Bad Request\r\n")
    assert (transport.ended, transport.closing) == (True, False)
    written = len(transport.written)
    connection.data_received(ask(LIST))
    assert len(transport.written) == written


async def test_a_lost_connection_ends_the_work_for_it(wire: Wire) -> None:
    wire.engine.gate = asyncio.Event()
    connection, _ = wire.connect()
    connection.data_received(ask(LIST) * 3)
    await asyncio.sleep(0)
    connection.connection_lost(None)
    await wire.until(lambda: wire.log.entries)
    assert [entry.aborted for entry in wire.log.entries] == ["left"]
    assert connection not in wire.server.connections


async def test_an_idle_connection_is_closed_in_time(wire: Wire) -> None:
    connection, transport = wire.connect()
    now = wire.server.loop.time()
    results = []
    for later in (9, 11):
        connection.check(now + later, 10, 20)
        results.append(transport.aborted)
    assert results == [False, True]


async def test_a_request_that_trickles_in_is_cut_short(wire: Wire) -> None:
    connection, transport = wire.connect()
    connection.data_received(b"GET / HTTP/1.1\r\n")
    now = wire.server.loop.time()
    connection.data_received(b"Host: x\r\n")
    connection.check(now + 11, 10, 20)
    assert transport.aborted


async def test_we_may_be_slow_as_long_as_we_like(wire: Wire) -> None:
    wire.engine.gate = asyncio.Event()
    connection, transport = wire.connect()
    connection.data_received(ask(LIST))
    await asyncio.sleep(0)
    for later in (100, 1000):
        connection.check(wire.server.loop.time() + later, 10, 20)
    assert not transport.aborted
    wire.engine.gate.set()
    await wire.until(lambda: wire.log.entries)


async def test_a_client_that_takes_nothing_is_dropped_in_time_and_not_before(wire: Wire) -> None:
    connection, transport = wire.connect()
    transport.stuffed = True
    connection.data_received(ask(LIST))
    await wire.until(lambda: connection.flow is not None)
    now = wire.server.loop.time()
    connection.check(now, 10, 20)
    transport.held -= 1  # it takes a byte
    connection.check(now + 19, 10, 20)
    results = []
    for later in (38, 40):
        connection.check(now + later, 10, 20)
        results.append(transport.aborted)
    assert results == [False, True]
    await wire.until(lambda: wire.log.entries)
    assert wire.log.entries[0].aborted == "stalled"


async def test_a_unix_socket_has_no_address(wire: Wire) -> None:
    connection = wire.server()
    transport = MemoryTransport(connection, peer="")
    wire.transports.append(transport)
    connection.connection_made(transport)
    assert connection.peer == ""
