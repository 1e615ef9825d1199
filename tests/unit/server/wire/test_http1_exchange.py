from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from modmirror.errors import UpstreamTimeout
from modmirror.server.conditional import Span
from modmirror.server.exchange import LEFT, ClientGone
from modmirror.server.forwarded import Caller
from modmirror.server.headers import Headers
from modmirror.server.wire.http1_exchange import Http1Exchange, refusal
from modmirror.server.wire.http1_reader import Asked
from tests.fakes.answers import BytesBlob, FileBlob, ScriptedGrowing

if TYPE_CHECKING:
    from pathlib import Path

    from tests.fakes.transports import MemoryTransport
    from tests.unit.server.wire.conftest import Wire

HEADERS = Headers((b"a", b"b"))


class Case:
    def __init__(self, wire: Wire, method: str = "GET", *, closes: bool = False) -> None:
        self.connection, transport = wire.connect()
        self.transport: MemoryTransport = transport
        asked = Asked(method, b"/x", {}, keep_alive=True, plain=True)
        self.exchange = Http1Exchange(self.connection, asked, Caller("c", "id-9", "http"), closes=closes)

    @property
    def body(self) -> bytes:
        return bytes(self.transport.written).partition(b"\r\n\r\n")[2]

    @property
    def head(self) -> bytes:
        return bytes(self.transport.written).partition(b"\r\n\r\n")[0]


async def test_an_answer_in_one_piece(wire: Wire) -> None:
    case = Case(wire)
    await case.exchange.send_whole(404, HEADERS, b"body")
    assert case.head.startswith(b"HTTP/1.1 404 Not Found\r\na: b\r\n")
    assert case.head.endswith(b"\r\nx-request-id: id-9")
    assert (case.body, case.exchange.sent, case.exchange.status) == (b"body", 4, 404)


async def test_head_sends_no_body(wire: Wire) -> None:
    case = Case(wire, "HEAD")
    await case.exchange.send_whole(200, HEADERS, b"body")
    assert (case.body, case.exchange.sent) == (b"", 0)


@pytest.mark.parametrize(
    ("closes", "http_1_0", "line"),
    [
        (True, False, b"connection: close"),
        (True, True, b"connection: close"),
        (False, True, b"connection: keep-alive"),
        (False, False, b""),
    ],
)
async def test_what_becomes_of_the_connection_is_said_where_it_is_not_the_rule(
    wire: Wire, *, closes: bool, http_1_0: bool, line: bytes
) -> None:
    case = Case(wire, closes=closes)
    case.exchange.http_1_0 = http_1_0
    await case.exchange.send_whole(200, HEADERS, b"")
    assert (line in case.head) if line else (b"connection" not in case.head)


async def test_stored_bytes_without_a_file_go_through_the_transport(wire: Wire) -> None:
    case = Case(wire)
    await case.exchange.send_stored(206, HEADERS, BytesBlob(b"0123456789"), Span(2, 9))
    assert (case.body, case.exchange.sent) == (b"2345678", 7)


async def test_a_stored_file_goes_past_the_transport(wire: Wire, tmp_path: Path) -> None:
    case = Case(wire)
    await case.exchange.send_stored(206, HEADERS, FileBlob(tmp_path / "f", b"0123456789"), Span(2, 9))
    assert not case.transport.written
    got = case.transport.pair[1].recv(1000)
    assert got.startswith(b"HTTP/1.1 206 Partial Content\r\n")
    assert got.endswith(b"\r\n\r\n2345678")
    assert case.exchange.sent == 7


async def test_a_stored_file_waits_for_what_was_written_before(wire: Wire, tmp_path: Path) -> None:
    case = Case(wire)
    case.transport.stuffed = True
    case.transport.write(b"")
    sending = asyncio.create_task(
        case.exchange.send_stored(200, HEADERS, FileBlob(tmp_path / "f", b"zip"), Span(0, 3))
    )
    await asyncio.sleep(0)
    assert case.exchange.blocked
    case.transport.take()
    await sending
    assert case.head.startswith(b"HTTP/1.1 200 OK")
    assert case.transport.pair[1].recv(100) == b"zip"
    assert not case.exchange.blocked


async def test_a_client_that_is_gone_ends_a_stored_file(wire: Wire, tmp_path: Path) -> None:
    case = Case(wire)
    case.transport.pair[1].close()
    with pytest.raises(ClientGone):
        await case.exchange.send_stored(200, HEADERS, FileBlob(tmp_path / "f", b"zip"), Span(0, 3))
    assert case.exchange.aborted == LEFT


async def test_a_growing_file_of_known_length_is_sent_as_it_is(wire: Wire) -> None:
    case = Case(wire)
    await case.exchange.send_growing(HEADERS, ScriptedGrowing(6, b"012345"), b"012", 6)
    assert (case.body, case.exchange.sent) == (b"012345", 6)
    assert b"chunked" not in case.head


async def test_a_growing_file_of_unknown_length_is_sent_in_chunks(wire: Wire) -> None:
    case = Case(wire)
    await case.exchange.send_growing(HEADERS, ScriptedGrowing(None, b"0123456789abcdefX"), b"0", None)
    assert case.body == b"1\r\n0\r\n10\r\n123456789abcdefX\r\n0\r\n\r\n"
    assert b"transfer-encoding: chunked" in case.head
    assert case.exchange.sent == 17


async def test_chunks_without_their_end_when_the_file_breaks_off(wire: Wire) -> None:
    case = Case(wire)
    growing = ScriptedGrowing(None, b"01", error=UpstreamTimeout("up", "slow"))
    with pytest.raises(UpstreamTimeout):
        await case.exchange.send_growing(HEADERS, growing, b"01", None)
    assert case.body == b"2\r\n01\r\n"
    assert wire.server.streams == 0


async def test_a_slow_client_holds_the_pieces_back(wire: Wire) -> None:
    case = Case(wire)
    case.transport.stuffed = True
    sending = asyncio.create_task(
        case.exchange.send_growing(HEADERS, ScriptedGrowing(6, b"012345"), b"012", 6)
    )
    await asyncio.sleep(0)
    assert case.exchange.blocked
    assert case.body in {b"", b"012"}
    case.transport.take()
    await sending
    assert case.body == b"012345"


def test_a_refusal_is_plain_text_and_the_end() -> None:
    got = refusal(431, b"date: now\r\n")
    assert got == (
        b"HTTP/1.1 431 Request Header Fields Too Large\r\n"
        b"content-type: text/plain; charset=utf-8\r\ncontent-length: 32\r\n"
        b"date: now\r\nconnection: close\r\n\r\nrequest header fields too large\n"
    )
