from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

import pytest

from modmirror.origin.network.gate import open_gate
from modmirror.origin.network.remote import parse_remote

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Sequence

    from modmirror.origin.network.guard import Endpoint

SECURE = "https://vcs.example.com/x"
PLAIN = "http://vcs.example.com/x"
SECONDS = 10.0


class Host:
    """Notes what it is sent, up to the end, and then answers."""

    def __init__(self) -> None:
        self.heard: list[bytes] = []
        self.endpoint: Endpoint = ("127.0.0.1", 0)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.heard.append(await reader.read())
        writer.write(b"answer")
        writer.close()


@pytest.fixture
async def host() -> AsyncIterator[Host]:
    made = Host()
    server = await asyncio.start_server(made.serve, "127.0.0.1", 0)
    made.endpoint = server.sockets[0].getsockname()
    yield made
    server.close()
    await server.wait_closed()


async def closed_endpoint() -> Endpoint:
    """Return an address where nobody answers."""
    server = await asyncio.start_server(lambda _reader, _writer: None, "127.0.0.1", 0)
    endpoint: Endpoint = server.sockets[0].getsockname()
    server.close()
    await server.wait_closed()
    return endpoint


@asynccontextmanager
async def connected(
    url: str, endpoints: Sequence[Endpoint]
) -> AsyncIterator[tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
    async with asyncio.timeout(SECONDS), open_gate(parse_remote(url), endpoints) as port:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        try:
            yield reader, writer
        finally:
            writer.close()


async def said(url: str, endpoints: Sequence[Endpoint], sent: bytes) -> bytes:
    """Return all that comes back when ``sent`` is all that is sent."""
    async with connected(url, endpoints) as (reader, writer):
        writer.write(sent)
        writer.write_eof()
        return await reader.read()


async def test_a_tunnel_carries_bytes_both_ways(host: Host) -> None:
    sent = b"CONNECT vcs.example.com:443 HTTP/1.1\r\nHost: x\r\n\r\nhello"
    assert await said(SECURE, [host.endpoint], sent) == b"HTTP/1.1 200 open\r\n\r\nanswer"
    assert host.heard == [b"hello"]


async def test_a_plain_request_reaches_the_host_in_its_own_form(host: Host) -> None:
    head = b"GET http://VCS.example.com/x?cmd=y HTTP/1.1\r\nHost: vcs.example.com\r\n"
    hop = b"Proxy-Connection: keep-alive\r\nConnection: keep-alive\r\nproxy-authorization: Basic eA==\r\n"
    assert await said(PLAIN, [host.endpoint], head + hop + b"Accept: z\r\n\r\nbody") == b"answer"
    kept = b"GET /x?cmd=y HTTP/1.1\r\nHost: vcs.example.com\r\nAccept: z\r\nConnection: close\r\n\r\nbody"
    assert host.heard == [kept]


@pytest.mark.parametrize(
    "line",
    [
        "CONNECT other.example.com:443 HTTP/1.1",
        "CONNECT vcs.example.com.evil.test:443 HTTP/1.1",
        "CONNECT vcs.example.com:22 HTTP/1.1",
        "CONNECT 127.0.0.1:443 HTTP/1.1",
        "GET http://other.example.com/x HTTP/1.1",
        "GET http://vcs.example.com@other.example.com/x HTTP/1.1",
        "GET http://vcs.example.com:80/x HTTP/1.1",
        "GET /x HTTP/1.1",
        "GET ftp://vcs.example.com/x HTTP/1.1",
        "nonsense",
        "",
    ],
)
async def test_it_leads_nowhere_else(host: Host, line: str) -> None:
    answer = await said(SECURE, [host.endpoint], f"{line}\r\nHost: vcs.example.com\r\n\r\n".encode())
    assert answer.startswith(b"HTTP/1.1 403 ")
    assert host.heard == []


async def test_a_port_that_is_named_is_part_of_the_host(host: Host) -> None:
    url = "http://vcs.example.com:8080/x"
    assert (await said(url, [host.endpoint], b"GET http://vcs.example.com/x HTTP/1.1\r\n\r\n")).startswith(
        b"HTTP/1.1 403 "
    )
    assert (
        await said(url, [host.endpoint], b"GET http://vcs.example.com:8080 HTTP/1.1\r\n\r\n") == b"answer"
    )
    assert host.heard == [b"GET / HTTP/1.1\r\nConnection: close\r\n\r\n"]


async def test_the_next_address_is_tried_when_one_does_not_answer(host: Host) -> None:
    sent = b"CONNECT vcs.example.com:443 HTTP/1.1\r\n\r\n"
    answer = await said(SECURE, [await closed_endpoint(), host.endpoint], sent)
    assert answer == b"HTTP/1.1 200 open\r\n\r\nanswer"


async def test_when_no_address_answers_it_says_so() -> None:
    sent = b"CONNECT vcs.example.com:443 HTTP/1.1\r\n\r\n"
    assert (await said(SECURE, [await closed_endpoint()], sent)).startswith(b"HTTP/1.1 502 ")


@pytest.mark.parametrize("sent", [b"", b"CONNECT vcs.example.com:443 HTTP/1.1\r\n", b"x" * (65 << 10)])
async def test_a_head_without_an_end_is_broken_off(host: Host, sent: bytes) -> None:
    async with connected(SECURE, [host.endpoint]) as (reader, writer):
        writer.write(sent)
        writer.write_eof()
        try:
            assert await reader.read() == b""
        except ConnectionResetError:
            assert len(sent) > 64 << 10  # some of it was never read
    assert host.heard == []


async def test_open_connections_end_with_the_run(host: Host) -> None:
    async with asyncio.timeout(SECONDS):
        async with open_gate(parse_remote(SECURE), [host.endpoint]) as port:
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            writer.write(b"CONNECT vcs.example.com:443 HTTP/1.1\r\n\r\n")
            await reader.readuntil(b"\r\n\r\n")
        assert await reader.read() == b""
        writer.close()
        with pytest.raises(ConnectionRefusedError):
            await asyncio.open_connection("127.0.0.1", port)
