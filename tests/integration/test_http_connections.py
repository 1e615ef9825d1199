"""What a connection may do: stay, hurry ahead, end early; over TCP and over a Unix socket."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from modmirror.proxy.served import CacheState
from tests.fakes.answers import (
    INFO,
    LIST,
    ZIP,
    FileBlob,
    ScriptedEngine,
    ScriptedGrowing,
    growing_zip,
    info,
    stored_zip,
    versions,
)
from tests.fakes.listening import RunningEdge, until, with_settings
from tests.fakes.rawhttp import RawClient

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

BODY = bytes(range(256)) * 2000


@pytest.fixture
def engine(tmp_path: Path) -> ScriptedEngine:
    return ScriptedEngine(
        {
            INFO: info,
            LIST: versions,
            ZIP: lambda: stored_zip(FileBlob(tmp_path / "zip", BODY)),
        }
    )


@pytest.fixture
def edge(engine: ScriptedEngine) -> Iterator[RunningEdge]:
    with RunningEdge(engine) as running:
        yield running


@pytest.fixture
def client(edge: RunningEdge) -> Iterator[RawClient]:
    with RawClient(edge.port) as connected:
        yield connected


def test_a_connection_serves_many_requests(client: RawClient) -> None:
    for path in (INFO, LIST, ZIP, INFO, ZIP, LIST):
        assert client.get(path).status == 200


def test_requests_sent_ahead_are_answered_in_their_order(client: RawClient) -> None:
    paths = [LIST, ZIP, INFO, "/nothing", ZIP, INFO] * 20
    for path in paths:
        client.ask(path)
    sizes = {LIST: 7, ZIP: len(BODY), INFO: 20}
    for path in paths:
        got = client.answer()
        assert (got.status, got.whole) == ((404, True) if path == "/nothing" else (200, True))
        assert path == "/nothing" or len(got.body) == sizes[path]


def test_a_request_in_single_bytes_is_understood(client: RawClient) -> None:
    for byte in f"GET {INFO}?x=1 HTTP/1.1\r\nHost: x\r\nAccept-Encoding: gzip\r\n\r\n".encode():
        client.send(bytes([byte]))
    assert client.answer().status == 200


def test_connection_close_is_obeyed_and_said(client: RawClient) -> None:
    got = client.get(INFO, connection="close")
    assert got.headers["connection"] == "close"
    assert client.at_end()


def test_what_follows_a_close_is_not_answered(client: RawClient) -> None:
    client.ask(LIST, connection="close")
    client.ask(LIST)
    assert client.answer().status == 200
    assert client.at_end()


def test_http_1_0_ends_the_connection_unless_asked_not_to(edge: RunningEdge) -> None:
    with RawClient(edge.port) as client:
        client.send(f"GET {INFO} HTTP/1.0\r\n\r\n".encode())
        assert client.answer().headers["connection"] == "close"
        assert client.at_end()
    with RawClient(edge.port) as client:
        client.send(f"GET {INFO} HTTP/1.0\r\nConnection: keep-alive\r\n\r\n".encode())
        assert client.answer().headers["connection"] == "keep-alive"
        assert client.get(INFO).status == 200


def test_http_1_0_waits_for_the_whole_because_it_knows_no_chunks(
    edge: RunningEdge, engine: ScriptedEngine
) -> None:
    with RawClient(edge.port) as client:
        client.send(f"GET {ZIP} HTTP/1.0\r\n\r\n".encode())
        assert client.answer().whole
    assert engine.asked[0].whole


def test_a_client_that_closes_its_side_still_gets_its_answers(client: RawClient) -> None:
    for path in (LIST, ZIP, INFO):
        client.ask(path)
    client.socket.shutdown(1)
    assert [client.answer().status for _ in range(3)] == [200, 200, 200]
    assert client.at_end()


def test_an_absolute_target_is_read_by_its_path(client: RawClient) -> None:
    assert client.get(f"http://elsewhere.example{INFO}?a=b").status == 200


def test_an_upgrade_is_declined_by_answering(client: RawClient) -> None:
    got = client.get(
        INFO, connection="Upgrade, HTTP2-Settings", upgrade="h2c", http2_settings="AAMAAABkAAQCAAAAAAIAAAAA"
    )
    assert (got.status, got.headers["connection"]) == (200, "close")


@pytest.mark.parametrize(
    ("request_text", "status"),
    [
        ("GET / HTTP/1.1\r\n\r\n", 400),
        ("GET /a b HTTP/1.1\r\nHost: x\r\n\r\n", 400),
        ("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 400),
        ("nonsense\r\n\r\n", 400),
        ("GET / HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n", 400),
        ("GET / HTTP/1.1\r\nHost: x\r\n folded: y\r\n\r\n", 400),
        ("GET / HTTP/1.1\r\nHost: x\r\nA: " + "b" * 70_000 + "\r\n\r\n", 431),
        ("GET /" + "a" * 70_000, 431),
        ("PUT / HTTP/1.1\r\nHost: x\r\nContent-Length: 9999999\r\n\r\n" + "b" * 100_000, 413),
        ("PUT / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n20000\r\n" + "b" * 0x20000, 413),
    ],
    ids=[
        "no-host",
        "space",
        "h2",
        "junk",
        "smuggling",
        "folding",
        "long-header",
        "long-target",
        "body",
        "chunks",
    ],
)
def test_what_is_no_proper_request_is_refused_and_the_connection_ends(
    client: RawClient, request_text: str, status: int
) -> None:
    client.send(request_text.encode())
    got = client.answer()
    assert (got.status, got.headers["connection"]) == (status, "close")
    assert client.at_end()


def test_a_refusal_waits_for_the_answers_before_it(client: RawClient) -> None:
    client.ask(ZIP)
    client.ask(LIST)
    client.send(b"nonsense\r\n\r\n")
    assert [client.answer().status for _ in range(3)] == [200, 200, 400]


def test_lines_of_one_header_are_one_list(client: RawClient) -> None:
    etag = client.get(INFO).headers["etag"]
    client.send(
        f'GET {INFO} HTTP/1.1\r\nHost: x\r\nIf-None-Match: "a"\r\nIf-None-Match: {etag}\r\n\r\n'.encode()
    )
    assert client.answer().status == 304


def test_the_path_prefix_is_taken_off_and_nothing_is_outside_it(engine: ScriptedEngine) -> None:
    with (
        RunningEdge(engine, with_settings(path_prefix="/go/proxy")) as edge,
        RawClient(edge.port) as client,
    ):
        assert edge.url.endswith("/go/proxy")
        assert client.get("/go/proxy" + INFO).status == 200
        assert client.get("/go/proxy/cached-only" + LIST).status == 200
        assert client.get(INFO).status == 404
        assert client.get("/go/proxyx" + INFO).status == 404
        assert {client.get(each).status for each in ("/livez", "/readyz", "/healthz")} == {200}
        assert {
            client.get("/go/proxy" + each).status for each in ("/livez", "/readyz", "/metrics", "", "/")
        } == {200}
        assert client.get("/metrics").status == 404


def test_a_unix_socket_serves_the_same(engine: ScriptedEngine, tmp_path: Path) -> None:
    path = tmp_path / "mirror.sock"
    with RunningEdge(engine, with_settings(unix_socket=str(path))) as edge:
        assert edge.url == f"unix:{path}"
        with RawClient(path=str(path)) as client:
            for each in (INFO, ZIP, ZIP, LIST):
                assert client.get(each).status == 200
        assert edge.log.entries[0].client == "unix"
    assert not path.exists()


def test_forwarded_headers_are_believed_only_from_listed_proxies(engine: ScriptedEngine) -> None:
    sent = {"x_forwarded_for": "203.0.113.9, 10.0.0.1", "x_request_id": "from-outside"}
    for trusted, client_address in [((), "127.0.0.1"), (("127.0.0.0/8", "10.0.0.0/8"), "203.0.113.9")]:
        with (
            RunningEdge(engine, with_settings(trusted_proxies=trusted)) as edge,
            RawClient(edge.port) as client,
        ):
            for path in (LIST, INFO, INFO, ZIP, ZIP):
                got = client.get(path, **sent)
                assert (got.headers["x-request-id"] == "from-outside") is bool(trusted)
            assert {entry.client for entry in edge.log.entries} == {client_address}


def test_a_hit_does_not_wait_for_a_miss(edge: RunningEdge, engine: ScriptedEngine) -> None:
    with RawClient(edge.port) as slow, RawClient(edge.port) as fast:
        assert fast.get(INFO).status == 200
        engine.gate = asyncio.Event()
        slow.ask(LIST)
        for _ in range(50):
            assert fast.get(INFO).headers["x-modmirror-cache"] == "hit"
        edge.call(engine.gate.set)
        assert slow.answer().status == 200


def test_a_client_that_left_while_the_engine_worked_is_noticed(
    edge: RunningEdge, engine: ScriptedEngine
) -> None:
    engine.gate = asyncio.Event()
    client = RawClient(edge.port)
    client.ask(LIST)
    until(lambda: bool(engine.asked))
    client.reset()
    until(lambda: bool(edge.log.entries))
    assert (edge.log.entries[0].aborted, edge.log.entries[0].status) == ("left", 0)


def test_stopping_lets_running_answers_end_and_takes_no_more(engine: ScriptedEngine) -> None:
    engine.gate = asyncio.Event()
    with RunningEdge(engine) as edge, RawClient(edge.port) as busy, RawClient(edge.port) as idle:
        busy.ask(LIST)
        until(lambda: bool(engine.asked))
        edge.begin_stop()
        assert idle.at_end()
        with pytest.raises(ConnectionError):
            RawClient(edge.port)
        edge.call(engine.gate.set)
        got = busy.answer()
        assert (got.status, got.whole) == (200, True)
        assert busy.at_end()
        edge.wait_stopped()
        assert edge.cut_off == 0


def test_readiness_turns_false_before_the_listener_closes(engine: ScriptedEngine) -> None:
    with RunningEdge(engine, with_settings(drain=1.0)) as edge, RawClient(edge.port) as client:
        assert client.get("/readyz").body == b"ready\n"
        edge.begin_stop()
        until(lambda: client.get("/readyz").status == 503)
        assert client.get("/readyz").body == b"not ready: shutting down\n"
        with RawClient(edge.port) as newcomer:
            assert newcomer.get("/livez").status == 200
            assert newcomer.get(INFO).status == 200


def test_answers_that_outlast_the_shutdown_are_broken_off(engine: ScriptedEngine) -> None:
    engine.gate = asyncio.Event()
    with RunningEdge(engine, with_settings(shutdown_timeout=0.05)) as edge, RawClient(edge.port) as busy:
        busy.ask(LIST)
        until(lambda: bool(engine.asked))
        edge.begin_stop()
        edge.wait_stopped()
        assert edge.cut_off == 1
        assert busy.at_end()
    assert edge.log.entries[0].aborted == "shutdown"


def test_many_clients_read_one_growing_file(edge: RunningEdge, engine: ScriptedEngine) -> None:
    engine.answers[ZIP] = lambda: growing_zip(ScriptedGrowing(len(BODY), BODY))
    clients = [RawClient(edge.port) for _ in range(50)]
    for each in clients:
        each.ask(ZIP)
    assert all(each.answer().body == BODY for each in clients)
    for each in clients:
        each.socket.close()


def test_metrics_count_what_was_answered(edge: RunningEdge, client: RawClient) -> None:
    for path in (INFO, INFO, ZIP, "/nothing"):
        client.get(path)
    text = client.get("/metrics").body.decode()
    assert 'modproxy_requests_total{cache="hit",kind="info",status="200"} 1.0' in text
    assert 'modproxy_requests_total{cache="none",kind="other",status="404"} 1.0' in text
    assert "modproxy_cache_hits_total 1.0" in text
    assert "modproxy_inflight_requests 1.0" in text


def test_a_stale_answer_is_counted_apart(
    edge: RunningEdge, client: RawClient, engine: ScriptedEngine
) -> None:
    engine.answers[LIST] = lambda: versions(cache=CacheState.STALE)
    client.get(LIST)
    assert 'cache="stale",kind="list",status="200"} 1.0' in client.get("/metrics").body.decode()
