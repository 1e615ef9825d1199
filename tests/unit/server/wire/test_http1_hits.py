from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

import pytest

from tests.fakes.answers import INFO, ZIP

if TYPE_CHECKING:
    from tests.unit.server.wire.conftest import Wire

BODY = bytes(range(256)) * 400


def ask(path: str, method: str = "GET", *lines: str) -> bytes:
    return "\r\n".join([f"{method} {path} HTTP/1.1", "Host: x", *lines, "", ""]).encode()


async def test_a_hit_is_answered_before_the_callback_returns(wire: Wire) -> None:
    await wire.warm(INFO)
    connection, transport = wire.connect()
    connection.data_received(ask(INFO))
    head, _, body = bytes(transport.written).partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 200 OK\r\n")
    assert head.endswith(b"x-request-id: id-7")
    assert b"\r\ndate: Sun, 13 Sep 2020 12:26:40 GMT\r\n" in head
    assert body == b'{"Version":"v1.0.0"}'


async def test_a_hit_is_logged_with_its_facts(wire: Wire) -> None:
    await wire.warm(INFO)
    connection, _ = wire.connect()
    connection.data_received(ask(INFO, "GET", "User-Agent: Go"))
    (entry,) = wire.log.entries
    assert (entry.status, entry.bytes, entry.cache, entry.path) == (200, 20, "hit", INFO)
    assert (entry.client, entry.id, entry.user_agent, entry.upstream) == ("192.0.2.9", "id-7", "Go", "up")


async def test_head_of_a_hit_has_no_body(wire: Wire) -> None:
    await wire.warm(INFO)
    connection, transport = wire.connect()
    connection.data_received(ask(INFO, "HEAD"))
    assert b"content-length: 20\r\n" in transport.written
    assert transport.written.endswith(b"\r\n\r\n")
    assert wire.log.entries[0].bytes == 0


async def test_a_current_copy_is_a_hit_too(wire: Wire) -> None:
    await wire.warm(INFO)
    connection, transport = wire.connect()
    connection.data_received(ask(INFO, "GET", "If-None-Match: *"))
    assert transport.written.startswith(b"HTTP/1.1 304 Not Modified\r\n")


async def test_an_open_file_is_sent_before_the_callback_returns(wire: Wire) -> None:
    await wire.warm(ZIP)
    connection, transport = wire.connect()
    connection.data_received(ask(ZIP))
    got = transport.pair[1].recv(1 << 20)
    assert got.startswith(b"HTTP/1.1 200 OK\r\n")
    assert got.endswith(BODY)
    (entry,) = wire.log.entries
    assert (entry.bytes, entry.cache) == (len(BODY), "hit")
    assert len(wire.engine.asked) == 1


async def test_what_the_client_does_not_take_at_once_a_task_sends(wire: Wire) -> None:
    await wire.warm(ZIP)
    connection, transport = wire.connect()
    while True:
        try:
            transport.pair[0].send(b"x" * 65_536)
        except BlockingIOError:
            break
    connection.data_received(ask(ZIP))
    assert wire.log.entries == []
    got = bytearray()

    def all_came() -> bool:
        with contextlib.suppress(BlockingIOError):
            got.extend(transport.pair[1].recv(1 << 20))
        return bool(wire.log.entries) and got.endswith(BODY)

    await wire.until(all_came)
    assert wire.log.entries[0].bytes == len(BODY)


async def test_a_client_that_vanished_is_logged_as_such(wire: Wire) -> None:
    await wire.warm(ZIP)
    connection, transport = wire.connect()
    transport.pair[1].close()
    connection.data_received(ask(ZIP))
    await wire.until(lambda: wire.log.entries)
    assert wire.log.entries[0].aborted == "left"
    assert transport.aborted


@pytest.mark.parametrize("lines", [("Range: bytes=0-1",), ("If-Modified-Since: x",)])
async def test_what_is_more_than_a_plain_read_is_left_to_the_edge(
    wire: Wire, lines: tuple[str, ...]
) -> None:
    await wire.warm(ZIP)
    connection, _ = wire.connect()
    connection.data_received(ask(ZIP, "GET", *lines))
    assert wire.log.entries == []
    await wire.until(lambda: wire.log.entries)
