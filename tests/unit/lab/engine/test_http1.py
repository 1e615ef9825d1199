from __future__ import annotations

import asyncio
import os
import time
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from modmirror.errors import ConfigError
from modmirror.lab.engine.http1 import Http1Engine
from modmirror.lab.engine.names import Names
from modmirror.lab.engine.port import Limit, Request
from modmirror.lab.engine.watch import Watch
from modmirror.lab.target import parse_target
from tests.fakes.lying_server import OK, LyingServer, Visit, always
from tests.fakes.tls import server_context, write_ca

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from modmirror.lab.engine.port import Fetched
    from modmirror.lab.run.manifest import Flag
    from modmirror.lab.target import Family

PATCH = Limit(seconds=20.0)
SHORT = Limit(seconds=0.2)


async def nobody(host: str, family: Family) -> tuple[str, ...]:
    raise AssertionError((host, family))


async def loopback(host: str, family: Family) -> tuple[str, ...]:
    del host, family
    return ("127.0.0.1",)


@asynccontextmanager
async def opened(flags: list[Flag] | None = None) -> AsyncIterator[Http1Engine]:
    watch = Watch((flags if flags is not None else []).append)
    engine = Http1Engine(Names(nobody, watch.names_changed), watch, time.monotonic, "test-agent")
    try:
        yield engine
    finally:
        await engine.close()


async def fetch(server: LyingServer, **changes: object) -> Fetched:
    """Make one request to a server that exists for it alone."""
    async with server.serve() as url, opened() as engine:
        request = Request(parse_target(url, name="t"), "x/@v/list", keep="bytes", limit=PATCH)
        return await engine.fetch(replace(request, **changes))  # type: ignore[arg-type]  # fields of it


async def test_a_whole_answer_has_every_phase_that_took_place() -> None:
    fetched = await fetch(LyingServer(always(OK)))
    assert (fetched.outcome, fetched.status, fetched.body, fetched.size) == ("ok", 200, b"ok", 2)
    timing = fetched.timing
    assert timing.dns is None
    assert timing.tls is None
    phases = (timing.connect, timing.send, timing.wait, timing.receive)
    assert all(phase is not None and phase >= 0 for phase in phases)
    assert sum(phase or 0.0 for phase in phases) <= timing.total
    assert (fetched.address, fetched.http) == ("127.0.0.1", "1.1")


async def test_waiting_is_the_servers_and_receiving_the_bodys() -> None:
    async def slowly(visit: Visit) -> None:
        await asyncio.sleep(0.06)
        await visit.say(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\no")
        await asyncio.sleep(0.04)
        await visit.say(b"k")

    timing = (await fetch(LyingServer(slowly))).timing
    assert timing.wait
    assert timing.receive
    assert timing.wait >= 0.059
    assert timing.receive >= 0.039
    assert timing.connect
    assert timing.total >= timing.connect + timing.wait + timing.receive


async def test_total_counts_from_the_intended_instant() -> None:
    fetched = await fetch(LyingServer(always(OK)), intended=time.monotonic() - 5.0)
    assert 5.0 <= fetched.timing.total < 25.0


async def test_the_request_says_who_asks_and_nothing_of_compression() -> None:
    server = LyingServer(always(OK))
    await fetch(server, headers={"x-extra": "1"})
    lines = server.heads[0].decode().split("\r\n")
    assert lines[0] == "GET /x/@v/list HTTP/1.1"
    assert {"user-agent: test-agent", "accept-encoding: identity", "x-extra: 1"} <= set(lines)


async def test_a_cold_request_opens_a_connection_and_a_warm_one_uses_it() -> None:
    server = LyingServer(always(OK))
    async with server.serve() as url, opened() as engine:
        target = parse_target(url)
        found = [
            await engine.fetch(Request(target, "a", connection=connection))
            for connection in ("cold", "warm", "warm", "cold")
        ]
        assert engine.warmth(target) == 1
    assert [fetched.reused for fetched in found] == [False, True, True, False]
    assert [fetched.timing.connect is None for fetched in found] == [False, True, True, False]
    assert server.connections == 2


async def test_an_idle_connection_that_the_server_ended_is_replaced() -> None:
    async def twice(visit: Visit) -> None:
        # The second request of a connection is never answered.
        if visit.number == 1:
            await visit.say(OK)
        else:
            visit.hang_up()

    async with LyingServer(twice).serve() as url, opened() as engine:
        target = parse_target(url)
        await engine.fetch(Request(target, "a"))
        again = await engine.fetch(Request(target, "a", connection="warm"))
    assert (again.outcome, again.reused) == ("ok", False)


async def test_unasked_bytes_on_an_idle_connection_end_it() -> None:
    async with LyingServer(always(OK, b"surprise")).serve() as url, opened() as engine:
        target = parse_target(url)
        first = await engine.fetch(Request(target, "a"))
        deadline = time.monotonic() + 20
        while engine.warmth(target) and time.monotonic() < deadline:
            await asyncio.sleep(0.001)
        second = await engine.fetch(Request(target, "a", connection="warm"))
    assert (first.outcome, second.outcome, second.reused) == ("ok", "ok", False)


HEAD = b"HTTP/1.1 200 OK\r\n"


def bodies_in(folder: Path) -> list[Path]:
    return list(folder.rglob("*.body"))


@pytest.mark.parametrize(
    ("saying", "outcome", "reason"),
    [
        (always(b"", then="close"), "reset", "closed without an answer"),
        (always(b"", then="reset"), "reset", "the connection broke"),
        (always(HEAD, then="close"), "reset", "closed without an answer"),
        (always(HEAD + b"content-length: 9\r\n\r\nabc", then="close"), "truncated", "before the end"),
        (
            always(HEAD + b"transfer-encoding: chunked\r\n\r\n3\r\nabc\r\n", then="close"),
            "truncated",
            "end",
        ),
        (always(HEAD + b"content-length: 9\r\n\r\nabc", then="reset"), "reset", "broke"),
        (always(b"SSH-2.0-OpenSSH_9.2\r\n\r\n"), "protocol", "not HTTP"),
        (always(HEAD + b"content-length: many\r\n\r\n"), "protocol", "not HTTP"),
        (always(HEAD + b"transfer-encoding: chunked\r\n\r\nzz\r\n"), "protocol", "not HTTP"),
        (always(HEAD + b"x: " + b"y" * 300_000), "protocol", "headers of more than 256 KiB"),
        (always(b"HTTP/1.1 100 Continue\r\n\r\n" * 20_000), "protocol", "headers of more than"),
        (always(HEAD + b"content-length: 5000\r\n\r\n" + b"x" * 5000), "protocol", "goes on beyond 1,000"),
        (always(b"HTTP/1.1 404 Not Found\r\ncontent-length: 9\r\n\r\nnot\nfound"), "4xx", "404: not found"),
        (always(b"HTTP/1.1 503 Busy\r\ncontent-length: 0\r\n\r\n"), "5xx", "status 503"),
        (always(b"HTTP/1.1 204 Nothing\r\n\r\n"), "protocol", "status 204"),
    ],
)
async def test_every_lie_has_its_class(saying: object, outcome: str, reason: str) -> None:
    server = LyingServer(saying)  # type: ignore[arg-type]  # a Saying
    fetched = await fetch(server, limit=Limit(seconds=20.0, size=1000))
    assert (fetched.outcome, fetched.ok) == (outcome, False)
    assert reason in fetched.reason


@pytest.mark.parametrize("said", [b"", HEAD, HEAD + b"content-length: 9\r\n\r\nabc"])
async def test_a_server_that_stalls_meets_the_limit(said: bytes) -> None:
    fetched = await fetch(LyingServer(always(said, then="stall")), limit=SHORT)
    assert fetched.outcome == "timeout"
    assert fetched.timing.total >= SHORT.seconds - 0.01


async def test_a_body_that_never_ends_meets_the_limit_of_size_and_nothing_of_it_stays(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))

    async def forever(visit: Visit) -> None:
        await visit.say(HEAD + b"transfer-encoding: chunked\r\n\r\n")
        while True:
            await visit.say(b"1000\r\n" + b"x" * 0x1000 + b"\r\n")

    async with LyingServer(forever).serve() as url, opened() as engine:
        request = Request(parse_target(url), "x", keep="file", limit=Limit(20.0, size=50_000))
        fetched = await engine.fetch(request)
        assert fetched.outcome == "protocol"
        assert fetched.file is None
        assert bodies_in(tmp_path) == []
    assert [entry.name for entry in os.scandir(tmp_path)] == []


async def test_a_file_is_kept_until_the_engine_closes() -> None:
    async with LyingServer(always(OK)).serve() as url:
        async with opened() as engine:
            fetched = await engine.fetch(Request(parse_target(url), "x", keep="file"))
            assert fetched.file
            assert fetched.file.read_bytes() == b"ok"
        assert not fetched.file.exists()


async def test_bytes_are_counted_by_tenths_of_a_second() -> None:
    async def slowly(visit: Visit) -> None:
        await visit.say(HEAD + b"content-length: 6\r\n\r\nabc")
        await asyncio.sleep(0.25)
        await visit.say(b"def")

    fetched = await fetch(LyingServer(slowly))
    assert sum(fetched.bins) == 6
    assert fetched.bins[0] == 3
    assert len(fetched.bins) >= 3


async def test_a_head_request_ends_with_the_head() -> None:
    server = LyingServer(always(HEAD + b"content-length: 500\r\n\r\n"))
    fetched = await fetch(server, method="HEAD")
    assert (fetched.outcome, fetched.size, fetched.headers) == ("ok", 0, {"content-length": "500"})


async def test_nobody_listening_is_refused() -> None:
    async with LyingServer(always(OK)).serve() as url:
        gone = parse_target(url)
    async with opened() as engine:
        fetched = await engine.fetch(Request(gone, "x"))
    assert (fetched.outcome, fetched.status, fetched.timing.connect) == ("refused", None, None)


async def test_the_emulated_delay_is_part_of_the_connect_phase() -> None:
    async with LyingServer(always(OK)).serve() as url, opened() as engine:
        fetched = await engine.fetch(Request(replace(parse_target(url), connect_delay=0.05), "x"))
    assert fetched.timing.connect
    assert fetched.timing.connect >= 0.049


async def test_an_emulated_link_is_connected_to_and_the_host_is_asked_for() -> None:
    async def turned(visit: Visit) -> None:
        if visit.path == "/elsewhere":
            await visit.say(OK)
        else:
            await visit.say(b"HTTP/1.1 302 Found\r\nlocation: /elsewhere\r\nconnection: close\r\n\r\n")
            visit.hang_up()

    server = LyingServer(turned)
    async with server.serve() as url, opened() as engine:
        near = parse_target(url)
        # Nobody looks the name up here, and the same host is asked again through the same link.
        target = replace(parse_target("http://far.example:81"), via=(near.host, near.port))
        fetched = await engine.fetch(Request(target, "x/@v/list", limit=PATCH))
    assert (fetched.outcome, fetched.status) == ("ok", 200)
    assert len(server.heads) == 2
    assert all(b"host: far.example:81\r\n" in head for head in server.heads)
    assert fetched.timing.dns is None
    assert fetched.address == "127.0.0.1"


async def test_a_redirect_is_followed_and_its_phases_added() -> None:
    there = LyingServer(always(OK))
    async with there.serve() as elsewhere:
        location = f"{elsewhere}/store/zip?sig=a%2Fb".encode()
        here = LyingServer(
            always(b"HTTP/1.1 302 Found\r\ncontent-length: 4\r\nlocation: " + location + b"\r\n\r\ngone")
        )
        fetched = await fetch(here, headers={"x-extra": "1"})
    assert (fetched.outcome, fetched.body, fetched.size) == ("ok", b"ok", 2)
    assert fetched.hops == (f"{elsewhere}/store/zip",)
    assert there.heads[0].startswith(b"GET /store/zip?sig=a%2Fb HTTP/1.1\r\n")


async def test_a_secret_is_not_told_to_the_host_of_a_redirect() -> None:
    there = LyingServer(always(OK))
    async with there.serve() as elsewhere:
        here = LyingServer(
            always(f"HTTP/1.1 302 F\r\ncontent-length: 0\r\nlocation: {elsewhere}/\r\n\r\n".encode())
        )
        async with here.serve() as url, opened() as engine:
            target = replace(parse_target(url), headers={"authorization": "Bearer s3cret"})
            fetched = await engine.fetch(Request(target, "x"))
    assert fetched.ok
    assert b"s3cret" in here.heads[0]
    assert b"s3cret" not in there.heads[0]
    assert "s3cret" not in repr(fetched)


@pytest.mark.parametrize(
    ("location", "reason"),
    [
        ("/again", "more than 5 redirects"),
        ("ftp://127.0.0.1/x", "no URL of HTTP"),
        ("http://[half", "no URL of HTTP"),
        ("http://user:pw@127.0.0.1/", "no URL of HTTP"),
    ],
)
async def test_a_redirect_to_nowhere_is_no_answer(location: str, reason: str) -> None:
    said = f"HTTP/1.1 301 Moved\r\ncontent-length: 0\r\nlocation: {location}\r\n\r\n".encode()
    fetched = await fetch(LyingServer(always(said)))
    assert (fetched.outcome, reason in fetched.reason) == ("protocol", True)


async def test_a_redirect_is_an_answer_to_who_does_not_follow() -> None:
    said = b"HTTP/1.1 302 Found\r\ncontent-length: 0\r\nlocation: /there\r\n\r\n"
    fetched = await fetch(LyingServer(always(said)), follow=False, expected=(302,))
    assert (fetched.outcome, fetched.headers["location"]) == ("ok", "/there")


async def test_tls_is_timed_apart_and_its_facts_are_told(tmp_path: Path) -> None:
    async with LyingServer(always(OK)).serve(server_context()) as url, opened() as engine:
        target = replace(parse_target(url), ca_file=str(write_ca(tmp_path)))
        cold = await engine.fetch(Request(target, "x"))
        warm = await engine.fetch(Request(target, "x", connection="warm"))
    assert (cold.outcome, warm.outcome) == ("ok", "ok")
    assert cold.timing.tls
    assert warm.timing.tls is None
    assert cold.tls
    assert (cold.tls.version, cold.tls.alpn) == ("TLSv1.3", "http/1.1")
    assert "trustme" in cold.tls.issuer
    assert warm.reused


async def test_an_unknown_authority_is_a_failure_of_tls() -> None:
    async with LyingServer(always(OK)).serve(server_context()) as url, opened() as engine:
        fetched = await engine.fetch(Request(parse_target(url), "x"))
    assert fetched.outcome == "tls"
    assert "not trusted" in fetched.reason


async def test_a_server_without_tls_is_a_failure_of_tls() -> None:
    async with LyingServer(always(OK)).serve() as url, opened() as engine:
        fetched = await engine.fetch(
            Request(parse_target(url.replace("http:", "https:")), "x", limit=SHORT)
        )
    assert fetched.outcome in {"tls", "timeout"}


async def test_a_body_cut_within_tls_is_truncated(tmp_path: Path) -> None:
    server = LyingServer(always(HEAD + b"content-length: 9\r\n\r\nabc", then="close"))
    async with server.serve(server_context()) as url, opened() as engine:
        target = replace(parse_target(url), ca_file=str(write_ca(tmp_path)))
        fetched = await engine.fetch(Request(target, "x"))
    assert fetched.outcome == "truncated"


async def test_an_issuer_that_was_not_expected_makes_the_run_doubtful(tmp_path: Path) -> None:
    flags: list[Flag] = []
    async with LyingServer(always(OK)).serve(server_context()) as url, opened(flags) as engine:
        target = replace(parse_target(url), ca_file=str(write_ca(tmp_path)), issuer="Some Trust")
        await engine.fetch(Request(target, "x"))
    assert [flag.name for flag in flags] == ["tls_intercepted"]


async def test_a_file_of_authorities_that_is_none_is_wrong_input() -> None:
    async with opened() as engine:
        target = replace(parse_target("https://127.0.0.1:1"), ca_file="/nowhere/ca.pem")
        with pytest.raises(ConfigError, match="ca_file /nowhere/ca.pem cannot be used"):
            await engine.fetch(Request(target, "x"))


async def test_a_name_is_looked_up_for_each_cold_request_and_timed() -> None:
    async with LyingServer(always(OK)).serve() as url, opened() as engine:
        engine._names = Names(loopback, lambda *_: None)
        target = replace(parse_target(url), host="mirror.test")
        cold = await engine.fetch(Request(target, "x"))
        warm = await engine.fetch(Request(target, "x", connection="warm"))
    assert cold.timing.dns is not None
    assert warm.timing.dns is None


async def test_many_cold_requests_at_once_are_each_alone() -> None:
    server = LyingServer(always(OK))
    async with server.serve() as url, opened() as engine:
        target = parse_target(url)
        found = await asyncio.gather(*(engine.fetch(Request(target, "x")) for _ in range(10)))
    assert [fetched.reused for fetched in found] == [False] * 10
    assert server.connections == 10


async def test_a_request_that_is_given_up_leaves_nothing_open() -> None:
    server = LyingServer(always(b"", then="stall"))
    async with server.serve() as url, opened() as engine:
        task = asyncio.create_task(engine.fetch(Request(parse_target(url), "x", keep="file")))
        deadline = time.monotonic() + 20
        while not server.heads and time.monotonic() < deadline:
            await asyncio.sleep(0.001)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert list(engine._idle) == []
        assert bodies_in(Path(engine._folder.name)) == []
