"""Clients that stall, trickle, flood or vanish cost bounded memory and nobody else's time."""

from __future__ import annotations

import asyncio
import socket
import ssl
import threading
import time
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from modmirror.server.wire.pieces import MAX_PIECE_BYTES
from tests.fakes.answers import (
    INFO,
    LIST,
    ZIP,
    BytesBlob,
    EndlessBlob,
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
from tests.fakes.tls import authority, ca_pem

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from modmirror.proxy.served import Served
    from modmirror.server.settings import ServerSettings

LARGE = 100_000_000


@pytest.fixture(scope="module")
def zeros() -> bytes:
    return bytes(LARGE)


@pytest.fixture(params=["file", "pieces", "growing", "chunked"])
def large(request: pytest.FixtureRequest, tmp_path: Path, zeros: bytes) -> Callable[[], Served]:
    """A hundred megabytes in each shape that content has."""
    shapes: dict[str, Callable[[], Served]] = {
        "file": lambda: stored_zip(FileBlob(tmp_path / "zip", zeros)),
        "pieces": lambda: stored_zip(BytesBlob(zeros)),
        "growing": lambda: growing_zip(ScriptedGrowing(LARGE, zeros)),
        "chunked": lambda: growing_zip(ScriptedGrowing(None, zeros)),
    }
    return shapes[request.param]


@pytest.fixture
def engine(large: Callable[[], Served]) -> ScriptedEngine:
    return ScriptedEngine({INFO: info, LIST: versions, ZIP: large})


@pytest.fixture
def small_engine() -> ScriptedEngine:
    return ScriptedEngine({INFO: info, LIST: versions})


@pytest.fixture
def impatient(small_engine: ScriptedEngine) -> Iterator[RunningEdge]:
    with RunningEdge(small_engine, with_settings(header_timeout=0.3)) as edge:
        yield edge


def tls_settings(folder: Path) -> ServerSettings:
    pem = folder / "both.pem"
    authority().issue_cert("127.0.0.1").private_key_and_cert_chain_pem.write_to_path(str(pem))
    return with_settings(tls_cert=str(pem), tls_key=str(pem))


def tls_connection(port: int) -> ssl.SSLSocket:
    plain = socket.create_connection(("127.0.0.1", port), timeout=10)
    return tls_context([]).wrap_socket(plain, server_hostname="127.0.0.1")


def tls_context(protocols: list[str]) -> ssl.SSLContext:
    context = ssl.create_default_context(cadata=ca_pem().decode())
    context.set_alpn_protocols(protocols)
    return context


def resident_mib() -> float:
    for line in Path("/proc/self/status").read_text(encoding="utf-8").splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) / 1024
    raise AssertionError("no VmRSS")


# --- clients that take their time to ask ---


@pytest.mark.parametrize("begun", ["", "G", f"GET {INFO} HTTP/1.1\r\nHost: x\r\n"])
def test_a_client_that_does_not_finish_its_request_is_dropped(impatient: RunningEdge, begun: str) -> None:
    with RawClient(impatient.port) as client:
        client.send(begun.encode())
        assert client.at_end()


def test_a_client_that_trickles_its_request_is_dropped(impatient: RunningEdge) -> None:
    with RawClient(impatient.port) as client:
        client.send(f"GET {INFO} HTTP/1.1\r\nHost: x\r\n".encode())
        until(lambda: trickled(client))


def trickled(client: RawClient) -> bool:
    try:
        client.send(b"a: b\r\n")
    except ConnectionError:
        return True
    return False


def test_an_idle_connection_is_closed(impatient: RunningEdge) -> None:
    with RawClient(impatient.port) as client:
        assert client.get(INFO).status == 200
        assert client.at_end()


def test_a_thousand_idle_connections_do_not_keep_a_newcomer_out(small_engine: ScriptedEngine) -> None:
    with RunningEdge(small_engine) as edge:
        idle = []
        for _ in range(1000):
            client = RawClient(edge.port)
            idle.append(client)
            assert client.get(INFO).status == 200
        with RawClient(edge.port) as newcomer:
            assert newcomer.get(LIST).status == 200
        for client in idle:
            client.socket.close()


@pytest.mark.parametrize("begun", ["nothing", "handshake", "h2"])
def test_a_silent_client_behind_tls_is_dropped(
    small_engine: ScriptedEngine, tmp_path: Path, begun: str
) -> None:
    settings = replace(tls_settings(tmp_path), header_timeout=0.5)
    with RunningEdge(small_engine, settings) as edge:
        client = socket.create_connection(("127.0.0.1", edge.port), timeout=10)
        if begun != "nothing":
            client = tls_context(["h2"] if begun == "h2" else []).wrap_socket(
                client, server_hostname="127.0.0.1"
            )
        with client:
            assert client.recv(1) == b""


def test_a_client_behind_tls_may_wait_longer_than_it_may_be_idle(
    small_engine: ScriptedEngine, tmp_path: Path
) -> None:
    """The go command waits for an answer as long as it takes (protocol.md A.15)."""
    small_engine.gate = asyncio.Event()
    settings = replace(tls_settings(tmp_path), header_timeout=1.5)
    with RunningEdge(small_engine, settings) as edge, tls_connection(edge.port) as client:
        client.sendall(f"GET {LIST} HTTP/1.1\r\nHost: x\r\n\r\n".encode())
        until(lambda: bool(small_engine.asked))
        time.sleep(4)
        edge.call(small_engine.gate.set)
        assert client.recv(1000).startswith(b"HTTP/1.1 200 OK")


# --- clients that take their time to read ---


def test_a_client_that_takes_nothing_is_dropped_and_its_content_closed(engine: ScriptedEngine) -> None:
    with RunningEdge(engine, with_settings(write_stall_timeout=1.0)) as edge:
        with RawClient(edge.port, receive_buffer=4096) as client:
            client.ask(ZIP)
            until(lambda: bool(edge.log.entries))
            entry = edge.log.entries[0]
            assert entry.aborted in {"stalled", "left"}  # by us, or by the kernel on our behalf
            assert entry.bytes < LARGE
        with RawClient(edge.port) as other:
            assert other.get(INFO).status == 200


def test_a_slow_client_that_goes_on_reading_is_served(engine: ScriptedEngine) -> None:
    with (
        RunningEdge(engine, with_settings(write_stall_timeout=0.5)) as edge,
        RawClient(edge.port, receive_buffer=65_536) as client,
    ):
        client.ask(ZIP)
        begun = time.monotonic()
        while time.monotonic() - begun < 2.5:
            assert client.socket.recv(65_536), "it was dropped"
            time.sleep(0.05)
        assert edge.log.entries == []


def test_slow_readers_of_large_files_cost_little_memory(engine: ScriptedEngine) -> None:
    """20 readers of 100 MB each: a server without flow control would hold 2 GB."""
    with RunningEdge(engine) as edge:
        with RawClient(edge.port) as first:
            assert first.get(INFO).status == 200
        before = resident_mib()
        readers = [RawClient(edge.port, receive_buffer=65_536) for _ in range(20)]
        for reader in readers:
            reader.ask(ZIP)
        for _ in range(3):
            for reader in readers:
                assert reader.socket.recv(65_536)
        assert resident_mib() - before < 40
        for reader in readers:
            reader.reset()
        until(lambda: len(edge.log.entries) == 21)


def test_hundreds_of_stalled_readers_share_a_bounded_memory(engine: ScriptedEngine) -> None:
    with RunningEdge(engine) as edge:
        before = resident_mib()
        readers = [RawClient(edge.port, receive_buffer=4096) for _ in range(300)]
        for reader in readers:
            reader.ask(ZIP)
        for reader in readers:
            assert reader.socket.recv(1000)
        assert resident_mib() - before < 120
        for reader in readers:
            reader.reset()
        until(lambda: len(edge.log.entries) == 300)


def test_slow_readers_behind_tls_cost_little_memory(engine: ScriptedEngine, tmp_path: Path) -> None:
    with RunningEdge(engine, tls_settings(tmp_path)) as edge:
        before = resident_mib()
        readers = []
        for _ in range(20):
            reader = tls_connection(edge.port)
            reader.sendall(f"GET {ZIP} HTTP/1.1\r\nHost: x\r\n\r\n".encode())
            readers.append(reader)
        for reader in readers:
            assert reader.recv(65_536)
        assert resident_mib() - before < 60
        for reader in readers:
            reader.close()
        until(lambda: len(edge.log.entries) == 20)


def test_work_for_a_client_that_vanished_behind_tls_ends(
    small_engine: ScriptedEngine, tmp_path: Path
) -> None:
    small_engine.answers[ZIP] = lambda: stored_zip(EndlessBlob())
    with RunningEdge(small_engine, tls_settings(tmp_path)) as edge:
        reader = tls_connection(edge.port)
        reader.sendall(f"GET {ZIP} HTTP/1.1\r\nHost: x\r\n\r\n".encode())
        assert reader.recv(1000)
        reader.close()
        until(lambda: bool(edge.log.entries))
        assert (edge.log.entries[0].aborted, edge.log.entries[0].status) == ("left", 200)


def test_a_flood_of_requests_whose_answers_nobody_reads_is_not_taken_in(
    small_engine: ScriptedEngine,
) -> None:
    small_engine.answers[INFO] = lambda: info(b"x" * 50_000)
    with RunningEdge(small_engine) as edge:
        with RawClient(edge.port) as client:
            assert client.get(INFO).status == 200
        before = resident_mib()
        with RawClient(edge.port, receive_buffer=4096) as client:
            client.socket.settimeout(1)
            request = f"GET {INFO} HTTP/1.1\r\nHost: x\r\n\r\n".encode() * 1000
            with pytest.raises(TimeoutError):
                client.send(request * 10_000)
            assert resident_mib() - before < 20
        assert len(edge.log.entries) < 2000


# --- clients that vanish ---


def test_work_for_a_client_that_vanished_ends(engine: ScriptedEngine) -> None:
    with RunningEdge(engine) as edge:
        client = RawClient(edge.port)
        client.ask(ZIP)
        assert client.socket.recv(1000)
        client.reset()
        until(lambda: bool(edge.log.entries))
        assert (edge.log.entries[0].aborted, edge.log.entries[0].status) == ("left", 200)


def test_a_piece_stays_below_the_size_from_which_memory_is_mapped_afresh() -> None:
    assert MAX_PIECE_BYTES < 128 * 1024


# --- others are not made to wait ---


def test_one_fast_reader_of_a_large_file_does_not_hold_up_the_others(engine: ScriptedEngine) -> None:
    with RunningEdge(engine) as edge, RawClient(edge.port) as other:
        assert other.get(INFO).status == 200
        done = threading.Event()

        def download() -> None:
            with RawClient(edge.port) as client:
                for _ in range(3):
                    client.ask(ZIP)
                    client.skip(LARGE)
            done.set()

        thread = threading.Thread(target=download)
        thread.start()
        answered = 0
        while not done.is_set():
            assert other.get(INFO).status == 200
            answered += 1
        thread.join()
        assert answered > 10  # whoever waits for a whole file is answered once in each


def test_writing_metrics_down_does_not_hold_up_requests(small_engine: ScriptedEngine) -> None:
    with RunningEdge(small_engine) as edge, RawClient(edge.port) as reader, RawClient(edge.port) as other:
        written = threading.Event()
        rendering = threading.Event()

        def render() -> bytes:
            rendering.set()
            assert written.wait(10)
            return b"done\n"

        edge.metrics.render = render  # type: ignore[method-assign]  # a registry that takes for ever
        reader.ask("/metrics")
        assert rendering.wait(10)
        assert other.get(INFO).status == 200
        assert other.get(LIST).status == 200
        written.set()
        assert reader.answer().body == b"done\n"


@pytest.mark.parametrize("tls", [False, True], ids=["http", "https"])
def test_stopping_right_after_the_start_ends_at_once(
    small_engine: ScriptedEngine, tmp_path: Path, *, tls: bool
) -> None:
    settings = tls_settings(tmp_path) if tls else with_settings()
    for _ in range(5):
        with RunningEdge(small_engine, settings) as edge:
            edge.begin_stop()
            edge.wait_stopped()
            assert edge.cut_off == 0
