"""Upstreams that lie, stall, overfeed or fish for secrets. None may hang, fool or rob the mirror."""

from __future__ import annotations

import asyncio
import gzip
import socket
import threading
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

import pytest

from modmirror.errors import UpstreamBadAnswer, UpstreamError, UpstreamTimeout, UpstreamUnavailable
from modmirror.upstream.clients import HttpClients
from modmirror.upstream.credentials import Credentials
from modmirror.upstream.http import HttpUpstream
from modmirror.upstream.settings import CredentialSettings, HttpSettings
from tests.contract.upstream_suite import CONTENT, PATH, fetch
from tests.fakes.faults import Fault
from tests.fakes.gomodules import make_file
from tests.fakes.h2 import h2_site
from tests.fakes.tls import write_ca
from tests.fakes.upstream import FakeUpstream

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator
    from pathlib import Path

SECRET = "hunter2"


@pytest.fixture
async def clients(tmp_path: Path) -> AsyncIterator[HttpClients]:
    settings = HttpSettings(0.5, 0.5, 0.3, ca_file=str(write_ca(tmp_path)))
    clients = HttpClients(settings)
    yield clients
    await clients.close()


@contextmanager
def raw_server(answer: bytes, *, then_wait: bool = False) -> Iterator[str]:
    """Serve the same bytes to whoever connects; gives the base URL."""
    stop = threading.Event()
    listener = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        while not stop.is_set():
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            # The client is right to hang up on some of this before it has all been sent.
            with connection, suppress(ConnectionError):
                connection.recv(65_536)
                connection.sendall(answer)
                if then_wait:
                    stop.wait(5)

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        stop.set()
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        thread.join(5)


@pytest.mark.parametrize(
    "answer",
    [
        b"",
        b"\x00\x01\x02\x03",
        b"SSH-2.0-OpenSSH_9.6\r\n",
        b"HTTP/1.1\r\n\r\n",
        b"HTTP/9.9 200 OK\r\n\r\n",
        b"HTTP/1.1 99 Odd\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: abc\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab",
        b"HTTP/1.1 200 OK\r\nbad name: x\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nX: a\x00b\r\n\r\n",
        b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 10_000 + b"\r\n",
        b"HTTP/1.1 200 OK\r\nX: " + b"y" * (4 << 20) + b"\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nffffffffffffffffff\r\nx",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nab",
        b"HTTP/1.1 200 OK\r\nContent-Length: \xff\r\n\r\nx",
        b"HTTP/1.1 200 OK\r\nContent-Encoding: \xff\r\nContent-Length: 1\r\n\r\nx",
    ],
)
async def test_what_is_not_http_is_an_upstream_error_and_never_a_file(
    clients: HttpClients, answer: bytes
) -> None:
    with raw_server(answer) as url, pytest.raises((UpstreamBadAnswer, UpstreamUnavailable)):
        await fetch(HttpUpstream(url, clients), PATH)


async def test_headers_that_are_not_text_are_as_good_as_absent(clients: HttpClients) -> None:
    odd = b"".join(
        name + b": \xff\xfe\r\n" for name in (b"Location", b"ETag", b"Content-Type", b"Retry-After")
    )
    with raw_server(b"HTTP/1.1 302 Found\r\nContent-Length: 2\r\n" + odd + b"\r\nok") as url:
        reply, body = await fetch(HttpUpstream(url, clients), PATH)
    assert (reply.status, reply.etag, reply.content_type, reply.retry_after) == (302, "", "", None)
    assert body == b"ok"


async def test_a_body_that_contradicts_its_declared_length_is_never_whole(clients: HttpClients) -> None:
    # Both a length and chunks: which one counts is what smuggling is made of.
    answer = (
        b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nabcde\r\n0\r\n\r\n"
    )
    with raw_server(answer) as url:
        try:
            reply, body = await fetch(HttpUpstream(url, clients), PATH)
        except UpstreamError:
            return
    assert (reply.length, body) in {(None, b"abcde"), (3, b"abc")}


async def test_bytes_after_the_declared_length_do_not_become_the_next_answer(clients: HttpClients) -> None:
    evil = b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nevil"
    with raw_server(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok" + evil) as url:
        upstream = HttpUpstream(url, clients)
        for _ in range(3):
            assert (await fetch(upstream, PATH))[1] == b"ok"


@pytest.mark.parametrize(
    "begin",
    [
        b"",
        b"HTTP/1.1 200",
        b"HTTP/1.1 200 OK\r\nX: y\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nabc",
    ],
)
async def test_a_server_that_falls_silent_holds_nobody_up(clients: HttpClients, begin: bytes) -> None:
    with raw_server(begin, then_wait=True) as url, pytest.raises(UpstreamTimeout):
        async with asyncio.timeout(5):
            await fetch(HttpUpstream(url, clients), PATH)


async def test_a_tls_server_that_never_greets_holds_nobody_up(clients: HttpClients) -> None:
    with raw_server(b"", then_wait=True) as url, pytest.raises(UpstreamTimeout):
        async with asyncio.timeout(5):
            await fetch(HttpUpstream(url.replace("http:", "https:"), clients), PATH)


async def test_a_gzip_bomb_arrives_in_bounded_pieces_that_can_be_given_up(clients: HttpClients) -> None:
    bomb = gzip.compress(bytes(256 << 20), 9)
    with FakeUpstream() as fake:
        fake.put(PATH, bomb)
        fake.fault("*", Fault(headers={"Content-Encoding": "gzip"}))
        async with HttpUpstream(fake.url, clients).get(PATH) as reply:
            taken = 0
            async for chunk in reply.body:
                assert len(chunk) <= 1 << 18
                taken += len(chunk)
                if taken > 1 << 20:
                    break
        assert taken < 2 << 20


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
async def test_a_redirect_elsewhere_never_carries_the_secret_nor_the_query(
    clients: HttpClients, status: int
) -> None:
    with FakeUpstream() as home, FakeUpstream() as evil:
        evil.put(PATH, CONTENT)
        home.fault("*", Fault(status=status, headers={"Location": f"{evil.url}/{PATH}"}, body=b""))
        one = CredentialSettings(url=home.url, bearer_env="S")
        known = Credentials.from_settings([one], {"S": SECRET}, str)
        upstream = HttpUpstream(f"{home.url}?token={SECRET}", clients, known)
        assert (await fetch(upstream, PATH))[1] == CONTENT
        assert home.log[0].headers["authorization"] == f"Bearer {SECRET}"
        assert SECRET not in f"{evil.log[0].target} {evil.log[0].headers}"


async def test_a_detour_over_another_host_does_not_win_the_secret_back(clients: HttpClients) -> None:
    with FakeUpstream() as home, FakeUpstream() as evil:
        home.fault(PATH, Fault(redirect=f"{evil.url}/x"))
        evil.fault("*", Fault(redirect=f"{home.url}/upload?to=evil"))
        known = Credentials.from_settings(
            [CredentialSettings(url=home.url, bearer_env="S")], {"S": SECRET}, str
        )
        await fetch(HttpUpstream(home.url, clients, known), PATH)
        assert [seen.headers.get("authorization") for seen in home.log] == [f"Bearer {SECRET}", None]


async def test_a_redirect_with_a_user_and_password_sends_neither(clients: HttpClients) -> None:
    with FakeUpstream() as home, FakeUpstream() as other:
        host = other.url.removeprefix("http://")
        home.fault("*", Fault(redirect=f"http://user:{SECRET}@{host}/x"))
        await fetch(HttpUpstream(home.url, clients), PATH)
        assert "authorization" not in other.log[0].headers


@pytest.mark.parametrize(
    "location",
    [
        "file:///etc/passwd",
        "gopher://127.0.0.1/x",
        "http://",
        "http://[",
        "//",
        "javascript:1",
        "http://a b/",
    ],
)
async def test_a_redirect_to_nowhere_is_a_bad_answer(clients: HttpClients, location: str) -> None:
    with FakeUpstream() as fake:
        fake.fault("*", Fault(redirect=location))
        with pytest.raises(UpstreamBadAnswer, match="redirects"):
            await fetch(HttpUpstream(fake.url, clients), PATH)


@pytest.mark.parametrize(
    "fault",
    [
        Fault(stall_header=True),
        Fault(close_header=True),
        Fault(truncate_after=5),
        Fault(reset_after=5),
        Fault(stall_after=5),
        Fault(redirect=f"/{{path}}?again={SECRET}"),
        Fault(redirect=f"ftp://{SECRET}/"),
        Fault(headers={"Content-Encoding": "br"}),
        Fault(content_range="x"),
        Fault(headers={"Content-Length": SECRET}),
    ],
)
async def test_no_error_text_repeats_a_secret(clients: HttpClients, fault: Fault) -> None:
    with FakeUpstream(tls=True) as fake:
        fake.put(PATH, CONTENT)
        fake.fault("*", fault)
        base = fake.url.replace("https://", f"https://user:{SECRET}@")
        upstream = HttpUpstream(f"{base}?token={SECRET}", clients)
        with pytest.raises(UpstreamError) as caught:
            await fetch(upstream, PATH, offset=1)
        error = caught.value
        assert error.upstream == fake.url
        assert SECRET not in f"{error} {error!r} {error.reason} {error.hint} {error.args} {upstream!r}"


async def test_a_refused_connection_does_not_repeat_the_url(clients: HttpClients) -> None:
    with FakeUpstream() as fake:
        url = fake.url
    with pytest.raises(UpstreamUnavailable, match="Connection refused") as caught:
        await fetch(HttpUpstream(f"{url}?token={SECRET}", clients), PATH)
    assert SECRET not in str(caught.value)


async def test_an_http_2_stream_that_breaks_is_unavailable_and_not_a_short_file(
    clients: HttpClients, tmp_path: Path
) -> None:
    async with h2_site(tmp_path) as (site, url):
        site.modules.files[PATH] = make_file(CONTENT)
        site.break_after = 100
        with pytest.raises(UpstreamUnavailable, match="broke off"):
            await fetch(HttpUpstream(url, clients), PATH)
        assert site.versions == ["2"]
