from __future__ import annotations

import asyncio
import re
from contextlib import asynccontextmanager, suppress
from typing import TYPE_CHECKING

import pytest

from modmirror.origin.network.relay import open_relay
from modmirror.origin.network.remote import parse_remote
from tests.fakes.tls import server_context, write_ca

if TYPE_CHECKING:
    import ssl
    from collections.abc import AsyncIterator
    from pathlib import Path

    from modmirror.origin.network.guard import Endpoint

PLAIN = "http://vcs.example.com/x"
SECURE = "https://vcs.example.com/x"
ANSWER = b"HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nanswer"
SECONDS = 10.0


class Host:
    """Notes what it is sent, and answers."""

    def __init__(self) -> None:
        self.heard: list[bytes] = []
        self.answer = ANSWER
        self.endpoint: Endpoint = ("127.0.0.1", 0)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        length = re.search(rb"Content-Length: (\d+)", head)
        self.heard.append(head + await reader.readexactly(int(length[1]) if length else 0))
        writer.write(self.answer)
        await writer.drain()
        writer.close()


@asynccontextmanager
async def running(context: ssl.SSLContext | None = None) -> AsyncIterator[Host]:
    made = Host()
    server = await asyncio.start_server(made.serve, "127.0.0.1", 0, ssl=context)
    made.endpoint = server.sockets[0].getsockname()
    yield made
    server.close()
    await server.wait_closed()


@pytest.fixture
async def host() -> AsyncIterator[Host]:
    async with running() as made:
        yield made


async def said(url: str, endpoint: Endpoint, request: bytes, ca_file: str = "") -> bytes:
    """Send a request to the relay and return all that comes back."""
    async with asyncio.timeout(SECONDS), open_relay(parse_remote(url), [endpoint], ca_file) as here:
        port = int(here.split("/")[2].partition(":")[2])
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(request)
        answer = await reader.read()
        writer.close()
        return answer


async def test_the_url_has_the_path_of_the_remote_side() -> None:
    async with open_relay(parse_remote("https://vcs.example.com/a/b"), []) as url:
        assert re.fullmatch(r"http://127\.0\.0\.1:\d+/a/b", url)


async def test_a_request_reaches_the_host_under_its_own_name(host: Host) -> None:
    request = b"POST /x HTTP/1.0\r\nHost: 127.0.0.1:9\r\nConnection: x\r\nContent-Length: 4\r\n\r\nbody"
    assert await said(PLAIN, host.endpoint, request) == ANSWER
    expected = (
        b"POST /x HTTP/1.0\r\nHost: vcs.example.com\r\nContent-Length: 4\r\nConnection: close\r\n\r\nbody"
    )
    assert host.heard == [expected]


async def test_a_port_that_is_named_is_part_of_the_host(host: Host) -> None:
    await said("http://vcs.example.com:8080/x", host.endpoint, b"GET /x HTTP/1.1\r\n\r\n")
    assert b"\r\nHost: vcs.example.com:8080\r\n" in host.heard[0]


@pytest.mark.parametrize("status", ["301 Moved", "302 Found", "307 x", "308 x", "304 x"])
@pytest.mark.parametrize(
    "place",
    [
        "http://10.1.2.3/",
        "ftp://vcs.example.com/x",
        "https://vcs.example.com/x",
        "http://vcs.example.com:8080/x",
        "http://vcs.example.com.evil.test/x",
        "http://vcs.example.com@evil.test/x",
        "//evil.test/x",
        "file:///x",
        "x",
        "",
    ],
)
async def test_a_redirect_to_another_place_is_not_passed_on(host: Host, status: str, place: str) -> None:
    host.answer = f"HTTP/1.1 {status}\r\nLocation: {place}\r\nContent-Length: 0\r\n\r\n".encode()
    answer = await said(PLAIN, host.endpoint, b"GET /x HTTP/1.1\r\n\r\n")
    assert answer.startswith(b"HTTP/1.1 502 it redirects to another place")
    assert b"Location" not in answer


@pytest.mark.parametrize("place", ["http://vcs.example.com/y?z", "/y?z"])
async def test_a_redirect_within_the_host_leads_to_the_relay(host: Host, place: str) -> None:
    host.answer = f"HTTP/1.1 302 x\r\nlocation: {place}\r\nContent-Length: 0\r\n\r\n".encode()
    answer = await said(PLAIN, host.endpoint, b"GET /x HTTP/1.1\r\n\r\n")
    assert answer == b"HTTP/1.1 302 x\r\nLocation: /y?z\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"


@pytest.mark.parametrize("answer", [b"SSH-2.0\r\n\r\n", b"HTTP/1.1 30\r\n\r\n", b"HTTP/2 302 x\r\n\r\n"])
async def test_what_is_no_answer_is_not_passed_on(host: Host, answer: bytes) -> None:
    host.answer = answer
    said_ = await said(PLAIN, host.endpoint, b"GET /x HTTP/1.1\r\n\r\n")
    assert said_.startswith(b"HTTP/1.1 502 not an answer")


@pytest.mark.parametrize(
    "line",
    [b"CONNECT a:443 HTTP/1.1", b"GET http://10.1.2.3/ HTTP/1.1", b"PUT /x HTTP/1.1", b"GET /x", b""],
)
async def test_what_is_no_request_of_fossil_goes_nowhere(host: Host, line: bytes) -> None:
    answer = await said(PLAIN, host.endpoint, line + b"\r\n\r\n")
    assert answer.startswith(b"HTTP/1.1 502 not a request")
    assert host.heard == []


async def test_when_no_address_answers_it_says_so(host: Host) -> None:
    async with running() as gone:
        endpoint = gone.endpoint
    answer = await said(PLAIN, endpoint, b"GET /x HTTP/1.1\r\n\r\n")
    assert answer.startswith(b"HTTP/1.1 502 no answer")
    assert host.heard == []


@pytest.mark.parametrize(
    ("name", "trusted", "fine"),
    [
        ("vcs.example.com", True, True),
        ("vcs.example.com", False, False),
        ("other.example.com", True, False),
    ],
)
async def test_a_certificate_is_verified(tmp_path: Path, name: str, *, trusted: bool, fine: bool) -> None:
    ca_file = str(write_ca(tmp_path)) if trusted else ""
    async with running(server_context(name)) as host:
        answer = await said(SECURE, host.endpoint, b"GET /x HTTP/1.1\r\n\r\n", ca_file)
    assert (answer == ANSWER) is fine
    assert bool(host.heard) is fine
    assert fine or answer.startswith(b"HTTP/1.1 502 its certificate is not trusted: ")


async def test_open_connections_end_with_the_run(host: Host) -> None:
    async with asyncio.timeout(SECONDS):
        async with open_relay(parse_remote(PLAIN), [host.endpoint]) as here:
            port = int(here.split("/")[2].partition(":")[2])
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            writer.write(b"GET /x HTTP/1.1\r\n")
        # A connection that was not yet taken is reset.
        with suppress(ConnectionResetError):
            assert await reader.read() == b""
        writer.close()
