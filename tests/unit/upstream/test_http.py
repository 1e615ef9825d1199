from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING

import pytest

from modmirror.errors import (
    ConfigError,
    UpstreamBadAnswer,
    UpstreamTimeout,
    UpstreamUnavailable,
)
from modmirror.upstream.address import basic
from modmirror.upstream.clients import HttpClients
from modmirror.upstream.credentials import Credentials
from modmirror.upstream.http import HttpUpstream
from modmirror.upstream.settings import CredentialSettings, HttpSettings
from tests.contract.upstream_suite import CONTENT, PATH, fetch
from tests.fakes.faults import Fault
from tests.fakes.tls import write_ca
from tests.fakes.upstream import FakeUpstream

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterator
    from pathlib import Path

SHORT = HttpSettings(connect_timeout=0.5, first_byte_timeout=0.5, stall_timeout=0.3)


@pytest.fixture
def fake() -> Iterator[FakeUpstream]:
    with FakeUpstream() as fake:
        fake.put(PATH, CONTENT)
        yield fake


@pytest.fixture
async def clients() -> AsyncIterator[HttpClients]:
    clients = HttpClients(SHORT, clock=lambda: 1_700_000_000.0)
    yield clients
    await clients.close()


async def until(condition: Callable[[], bool]) -> None:
    """Wait until something is so, which takes other threads a moment."""
    async with asyncio.timeout(5):
        while not condition():
            await asyncio.sleep(0.005)


# --- the request ---------------------------------------------------------------------------------


async def test_a_request_says_what_it_needs_and_no_more(fake: FakeUpstream, clients: HttpClients) -> None:
    await fetch(HttpUpstream(f"{fake.url}?token=s", clients), "github.com/!azure/x/@v/list")
    (seen,) = fake.log
    assert seen.method == "GET"
    assert seen.target == "/github.com/%21azure/x/@v/list?token=s"
    assert set(seen.headers) == {"accept", "accept-encoding", "host", "user-agent"}
    assert seen.headers["accept-encoding"] == "identity"


async def test_a_resumed_request_names_offset_and_etag(fake: FakeUpstream, clients: HttpClients) -> None:
    upstream = HttpUpstream(fake.url, clients)
    await fetch(upstream, PATH, offset=5, if_range='"tag"')
    await fetch(upstream, PATH, offset=5)
    first, second = (seen.headers for seen in fake.log)
    assert (first["range"], first["if-range"]) == ("bytes=5-", '"tag"')
    assert second["range"] == "bytes=5-"
    assert "if-range" not in second


# --- statuses ------------------------------------------------------------------------------------


@pytest.mark.matrix("T132")
@pytest.mark.matrix("T133")
@pytest.mark.parametrize(
    "status", [204, 301, 304, 400, 401, 403, 404, 410, 418, 429, 451, 500, 502, 503, 599]
)
async def test_every_status_arrives_as_a_reply(
    fake: FakeUpstream, clients: HttpClients, status: int
) -> None:
    fake.fault("*", Fault(status=status, body=b"" if status in (204, 304) else b"not found: gone\n"))
    reply, body = await fetch(HttpUpstream(fake.url, clients), PATH)
    assert reply.status == status
    assert reply.content_type == "text/plain; charset=utf-8"
    assert body == (b"" if status in (204, 304) else b"not found: gone\n")


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"Retry-After": "7"}, 7.0),
        ({"Retry-After": "Tue, 14 Nov 2023 22:14:20 GMT"}, 60.0),
        ({"Retry-After": "Tue, 14 Nov 2023 22:14:20 GMT", "Date": "Tue, 14 Nov 2023 22:14:15 GMT"}, 5.0),
        ({}, None),
    ],
)
async def test_retry_after_arrives_in_seconds(
    fake: FakeUpstream, clients: HttpClients, headers: dict[str, str], seconds: float | None
) -> None:
    fake.fault("*", Fault(status=429, headers=headers))
    reply, _ = await fetch(HttpUpstream(fake.url, clients), PATH)
    assert reply.retry_after == seconds


@pytest.mark.parametrize("range_", ["", "bytes 0-99/10240", "bytes 11-99/10240", "bytes 10-5/10240", "x"])
async def test_another_part_than_was_asked_for_is_a_bad_answer(
    fake: FakeUpstream, clients: HttpClients, range_: str
) -> None:
    fake.fault("*", Fault(content_range=range_))
    with pytest.raises(UpstreamBadAnswer, match="another part"):
        await fetch(HttpUpstream(fake.url, clients), PATH, offset=10)


async def test_a_part_of_another_length_is_a_bad_answer(fake: FakeUpstream, clients: HttpClients) -> None:
    fake.fault("*", Fault(content_range=f"bytes 10-99/{len(CONTENT)}"))
    with pytest.raises(UpstreamBadAnswer, match="declares one length"):
        await fetch(HttpUpstream(fake.url, clients), PATH, offset=10)


@pytest.mark.matrix("T132")
async def test_a_part_that_nobody_asked_for_is_a_bad_answer(
    fake: FakeUpstream, clients: HttpClients
) -> None:
    fake.fault(
        "*", Fault(status=206, headers={"Content-Range": f"bytes 0-{len(CONTENT) - 1}/{len(CONTENT)}"})
    )
    with pytest.raises(UpstreamBadAnswer):
        await fetch(HttpUpstream(fake.url, clients), PATH)


# --- the body ------------------------------------------------------------------------------------


@pytest.mark.parametrize("fault", [Fault(chunked=True), Fault(until_close=True)])
async def test_a_body_of_undeclared_length_is_a_body(
    fake: FakeUpstream, clients: HttpClients, fault: Fault
) -> None:
    fake.fault("*", fault)
    reply, body = await fetch(HttpUpstream(fake.url, clients), PATH)
    assert (reply.length, reply.total, body) == (None, None, CONTENT)


@pytest.mark.matrix("T141")
async def test_gzip_that_nobody_asked_for_is_unpacked(fake: FakeUpstream, clients: HttpClients) -> None:
    fake.fault("*", Fault(gzip=True))
    reply, body = await fetch(HttpUpstream(fake.url, clients), PATH)
    assert (reply.length, reply.total, reply.etag, body) == (None, None, "", CONTENT)


async def test_another_coding_is_a_bad_answer_for_a_file_but_not_for_a_refusal(
    fake: FakeUpstream, clients: HttpClients
) -> None:
    upstream = HttpUpstream(fake.url, clients)
    fake.fault("*", Fault(headers={"Content-Encoding": "br"}))
    with pytest.raises(UpstreamBadAnswer, match='"br"'):
        await fetch(upstream, PATH)
    fake.fault("*", Fault(status=404, headers={"Content-Encoding": "br"}))
    reply, _ = await fetch(upstream, PATH)
    assert (reply.status, reply.content_type) == (404, "")


async def test_a_packed_part_cannot_be_joined_to_anything(fake: FakeUpstream, clients: HttpClients) -> None:
    fake.fault("*", Fault(headers={"Content-Encoding": "gzip"}))
    with pytest.raises(UpstreamBadAnswer):
        await fetch(HttpUpstream(fake.url, clients), PATH, offset=10)


@pytest.mark.parametrize(
    "fault",
    [
        Fault(truncate_after=100),
        Fault(truncate_after=0),
        Fault(reset_after=100),
        Fault(declare=7),
        Fault(chunked=True, truncate_after=100),
        Fault(gzip=True, truncate_after=30),
    ],
)
async def test_a_body_that_ends_early_is_unavailable(
    fake: FakeUpstream, clients: HttpClients, fault: Fault
) -> None:
    fake.fault("*", fault)
    async with HttpUpstream(fake.url, clients).get(PATH) as reply:
        assert reply.status == 200
        with pytest.raises(UpstreamUnavailable, match="broke off"):
            _ = [chunk async for chunk in reply.body]


async def test_the_bytes_before_a_break_still_arrive(fake: FakeUpstream, clients: HttpClients) -> None:
    fake.fault("*", Fault(truncate_after=100))
    async with HttpUpstream(fake.url, clients).get(PATH) as reply:
        assert await anext(aiter(reply.body)) == CONTENT[:100]
        with pytest.raises(UpstreamUnavailable):
            await anext(aiter(reply.body))


async def test_a_body_longer_than_declared_is_a_bad_answer(
    fake: FakeUpstream, clients: HttpClients
) -> None:
    fake.put(PATH, CONTENT)
    fake.fault("*", Fault(content_range=f"bytes 10-99/{len(CONTENT)}", chunked=True))
    with pytest.raises(UpstreamBadAnswer, match="more bytes"):
        await fetch(HttpUpstream(fake.url, clients), PATH, offset=10)


async def test_the_first_bytes_do_not_wait_for_the_rest(fake: FakeUpstream, clients: HttpClients) -> None:
    fake.fault("*", Fault(stall_after=64))
    async with HttpUpstream(fake.url, clients).get(PATH) as reply:
        assert await anext(aiter(reply.body)) == CONTENT[:64]


async def test_a_slow_body_that_keeps_moving_is_not_stalled(
    fake: FakeUpstream, clients: HttpClients
) -> None:
    fake.put("a.b/slow", bytes(80))
    fake.fault("*", Fault(drip=(10, 0.1)))
    started = time.monotonic()
    _, body = await fetch(HttpUpstream(fake.url, clients), "a.b/slow")
    assert body == bytes(80)
    assert time.monotonic() - started > SHORT.first_byte_timeout


async def test_a_paused_reader_slows_the_upstream_down(fake: FakeUpstream, clients: HttpClients) -> None:
    fake.put("a.b/big", bytes(64 << 20))
    async with HttpUpstream(fake.url, clients).get("a.b/big") as reply:
        await anext(aiter(reply.body))
        (seen,) = fake.log
        before = -1
        while before != seen.sent:  # until the sender stands still
            before = seen.sent
            await asyncio.sleep(0.2)
        assert seen.sent < 32 << 20


# --- time and connections ------------------------------------------------------------------------


async def test_no_status_line_in_time_is_a_timeout(fake: FakeUpstream, clients: HttpClients) -> None:
    fake.fault("*", Fault(stall_header=True))
    with pytest.raises(UpstreamTimeout, match=r"no answer within 0.5 s"):
        await fetch(HttpUpstream(fake.url, clients), PATH)


async def test_a_stalled_body_is_a_timeout_and_drops_the_connection(
    fake: FakeUpstream, clients: HttpClients
) -> None:
    fake.fault("*", Fault(stall_after=100))
    with pytest.raises(UpstreamTimeout, match=r"stalled: no byte for 0.3 s"):
        await fetch(HttpUpstream(fake.url, clients), PATH)
    await until(lambda: fake.connections == 0)


async def test_leaving_early_drops_the_connection(fake: FakeUpstream, clients: HttpClients) -> None:
    fake.fault("*", Fault(stall_after=100))
    async with HttpUpstream(fake.url, clients).get(PATH):
        assert fake.connections == 1
    await until(lambda: fake.connections == 0)


async def test_cancelling_a_reader_drops_the_connection(fake: FakeUpstream, clients: HttpClients) -> None:
    fake.fault("*", Fault(drip=(10, 0.05)))
    task = asyncio.create_task(fetch(HttpUpstream(fake.url, clients), PATH))
    await until(lambda: bool(fake.log) and fake.log[0].sent > 0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    await until(lambda: fake.connections == 0)


async def test_cancelling_before_the_status_line_returns_at_once_and_drops_the_connection_in_time(
    fake: FakeUpstream, clients: HttpClients
) -> None:
    fake.fault("*", Fault(stall_header=True))
    task = asyncio.create_task(fetch(HttpUpstream(fake.url, clients), PATH))
    await until(lambda: bool(fake.log))
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    await until(lambda: fake.connections == 0)


async def test_a_finished_connection_is_used_again(fake: FakeUpstream, clients: HttpClients) -> None:
    upstream = HttpUpstream(fake.url, clients)
    for _ in range(5):
        await fetch(upstream, PATH)
    assert fake.connections == 1


async def test_an_upstream_that_was_away_is_asked_again(fake: FakeUpstream, clients: HttpClients) -> None:
    upstream = HttpUpstream(fake.url, clients)
    await fetch(upstream, PATH)
    fake.stop()
    with pytest.raises(UpstreamUnavailable, match="Connection refused"):
        await fetch(upstream, PATH)
    fake.start()
    assert (await fetch(upstream, PATH))[1] == CONTENT


async def test_requests_beyond_the_limit_wait_and_are_not_blamed_on_the_upstream(
    fake: FakeUpstream,
) -> None:
    clients = HttpClients(HttpSettings(max_connections=1, first_byte_timeout=0.2, stall_timeout=5))
    upstream = HttpUpstream(fake.url, clients)
    fake.fault("*.zip", Fault(stall_after=100))
    fake.put("a.b/@v/list", "v1.0.0\n")
    async with upstream.get(PATH):
        waiting = asyncio.create_task(fetch(upstream, "a.b/@v/list"))
        await asyncio.sleep(0.4)
        assert not waiting.done()
        assert fake.count("*/list") == 0
    assert (await waiting)[1] == b"v1.0.0\n"
    await clients.close()


# --- redirects -----------------------------------------------------------------------------------


@pytest.mark.matrix("T138")
async def test_ten_redirects_are_followed_and_eleven_are_not(
    fake: FakeUpstream, clients: HttpClients
) -> None:
    upstream = HttpUpstream(fake.url, clients)
    fake.fault("*", Fault(hops=10))
    assert (await fetch(upstream, PATH))[1] == CONTENT
    assert fake.count() == 11
    fake.fault("*", Fault(hops=11))
    with pytest.raises(UpstreamBadAnswer, match="more than 10"):
        await fetch(upstream, PATH)


@pytest.mark.matrix("T138")
async def test_redirects_in_a_circle_are_a_bad_answer(fake: FakeUpstream, clients: HttpClients) -> None:
    fake.fault("*", Fault(redirect="/{path}"))
    with pytest.raises(UpstreamBadAnswer, match="circle"):
        await fetch(HttpUpstream(fake.url, clients), PATH)
    assert fake.count() == 1


@pytest.mark.matrix("T138")
async def test_https_never_redirects_to_http(fake: FakeUpstream, tmp_path: Path) -> None:
    clients = HttpClients(HttpSettings(ca_file=str(write_ca(tmp_path))))
    with FakeUpstream(tls=True) as secure:
        secure.fault("*", Fault(redirect=f"{fake.url}/{{path}}"))
        with pytest.raises(UpstreamBadAnswer, match="from https to http"):
            await fetch(HttpUpstream(secure.url, clients), PATH)
    assert fake.log == []
    await clients.close()


async def test_a_range_survives_a_redirect(fake: FakeUpstream, clients: HttpClients) -> None:
    with FakeUpstream() as front:
        front.fault("*", Fault(redirect=f"{fake.url}/{{path}}"))
        reply, body = await fetch(HttpUpstream(front.url, clients), PATH, offset=10)
    assert (reply.status, body) == (206, CONTENT[10:])


# --- credentials ---------------------------------------------------------------------------------


def credentials(url: str, files: dict[str, str] | None = None) -> Credentials:
    one = CredentialSettings(url=url, bearer_file="/secret")
    return Credentials.from_settings([one], {}, (files or {"/secret": "t0ken"}).__getitem__)


@pytest.mark.matrix("T139")
async def test_a_credential_is_sent_to_its_own_host_and_port_only(
    fake: FakeUpstream, clients: HttpClients
) -> None:
    fake.bearer = "t0ken"
    known = credentials(fake.url)
    assert (await fetch(HttpUpstream(fake.url, clients, known), PATH))[1] == CONTENT
    with FakeUpstream() as other:
        await fetch(HttpUpstream(other.url, clients, known), PATH)
        assert "authorization" not in other.log[0].headers


@pytest.mark.matrix("T139")
async def test_userinfo_of_an_https_url_is_sent_as_basic(tmp_path: Path) -> None:
    clients = HttpClients(HttpSettings(ca_file=str(write_ca(tmp_path))))
    with FakeUpstream(tls=True, basic=("us er", "p@ss")) as fake:
        fake.put(PATH, CONTENT)
        url = fake.url.replace("https://", "https://us%20er:p%40ss@")
        upstream = HttpUpstream(url, clients)
        assert (await fetch(upstream, PATH))[1] == CONTENT
        assert fake.log[0].headers["authorization"] == basic("us er", "p@ss")
        assert upstream.name == fake.url
    await clients.close()


@pytest.mark.matrix("T140")
async def test_userinfo_of_an_http_url_is_refused(clients: HttpClients) -> None:
    with pytest.raises(ConfigError, match="insecure"):
        HttpUpstream("http://user:pass@127.0.0.1:1/", clients)


async def test_a_redirect_on_the_same_origin_keeps_the_credential(
    fake: FakeUpstream, clients: HttpClients
) -> None:
    fake.fault("*", Fault(hops=2))
    await fetch(HttpUpstream(fake.url, clients, credentials(fake.url)), PATH)
    assert [seen.headers.get("authorization") for seen in fake.log] == ["Bearer t0ken"] * 3


async def test_a_redirect_out_of_the_credentials_path_leaves_it_behind(clients: HttpClients) -> None:
    with FakeUpstream(prefix="/team") as fake:
        fake.put(PATH, CONTENT)
        fake.fault("*", Fault(redirect="/elsewhere"), times=1)
        await fetch(HttpUpstream(fake.url, clients, credentials(fake.url)), PATH)
        assert [seen.headers.get("authorization") for seen in fake.log] == ["Bearer t0ken", None]


async def test_a_rotated_secret_is_read_again_after_one_401(
    fake: FakeUpstream, clients: HttpClients
) -> None:
    files = {"/secret": "old"}
    upstream = HttpUpstream(fake.url, clients, credentials(fake.url, files))
    fake.bearer, files["/secret"] = "new", "new"
    assert (await fetch(upstream, PATH))[1] == CONTENT
    assert [seen.status for seen in fake.log] == [401, 200]


async def test_a_secret_that_did_not_change_is_not_sent_again(
    fake: FakeUpstream, clients: HttpClients
) -> None:
    fake.bearer = "another"
    reply, _ = await fetch(HttpUpstream(fake.url, clients, credentials(fake.url)), PATH)
    assert reply.status == 401
    assert fake.count() == 1
