from __future__ import annotations

import asyncio
import socket
import ssl
import warnings
from typing import TYPE_CHECKING

import pytest

from tests.fakes.answers import LIST, ScriptedEngine, versions
from tests.fakes.listening import RunningEdge, until, with_settings
from tests.fakes.tls import authority, ca_pem

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from modmirror.server.settings import ServerSettings


@pytest.fixture
def settings(tmp_path: Path) -> ServerSettings:
    pem = tmp_path / "both.pem"
    authority().issue_cert("127.0.0.1").private_key_and_cert_chain_pem.write_to_path(str(pem))
    return with_settings(tls_cert=str(pem), tls_key=str(pem))


@pytest.fixture
def edge(settings: ServerSettings) -> Iterator[RunningEdge]:
    with RunningEdge(ScriptedEngine({LIST: versions}), settings) as running:
        yield running


def connect(edge: RunningEdge, context: ssl.SSLContext | None = None) -> ssl.SSLSocket:
    context = context or ssl.create_default_context(cadata=ca_pem().decode())
    return context.wrap_socket(
        socket.create_connection(("127.0.0.1", edge.port), timeout=10), server_hostname="127.0.0.1"
    )


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
def test_both_current_versions_of_tls_are_spoken(edge: RunningEdge, version: ssl.TLSVersion) -> None:
    context = ssl.create_default_context(cadata=ca_pem().decode())
    context.minimum_version = context.maximum_version = version
    with connect(edge, context) as client:
        assert client.version() == {771: "TLSv1.2", 772: "TLSv1.3"}[version]


def test_older_versions_are_refused(edge: RunningEdge) -> None:
    context = ssl.create_default_context(cadata=ca_pem().decode())
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        context.minimum_version = ssl.TLSVersion.TLSv1_1
        context.maximum_version = ssl.TLSVersion.TLSv1_1
    with (
        pytest.raises((ssl.SSLError, ConnectionError)),
        socket.create_connection(("127.0.0.1", edge.port), timeout=10) as plain,
    ):
        context.wrap_socket(plain, server_hostname="127.0.0.1")


@pytest.mark.parametrize("offer", [["h2", "http/1.1"], ["http/1.1"]])
def test_http_2_is_offered(edge: RunningEdge, offer: list[str]) -> None:
    context = ssl.create_default_context(cadata=ca_pem().decode())
    context.set_alpn_protocols(offer)
    with connect(edge, context) as client:
        assert client.selected_alpn_protocol() == offer[0]


def test_stopping_lets_a_running_answer_end(settings: ServerSettings) -> None:
    engine = ScriptedEngine({LIST: versions}, gate=asyncio.Event())
    with RunningEdge(engine, settings) as edge, connect(edge) as client:
        client.sendall(f"GET {LIST} HTTP/1.1\r\nHost: x\r\n\r\n".encode())
        until(lambda: bool(engine.asked))
        edge.begin_stop()
        assert engine.gate is not None
        edge.call(engine.gate.set)
        assert client.recv(10_000).startswith(b"HTTP/1.1 200 OK")
        edge.wait_stopped()
        assert edge.cut_off == 0


def test_an_answer_that_outlasts_the_shutdown_is_broken_off(
    settings: ServerSettings, tmp_path: Path
) -> None:
    engine = ScriptedEngine({LIST: versions}, gate=asyncio.Event())
    impatient = with_settings(tls_cert=settings.tls_cert, tls_key=settings.tls_key, shutdown_timeout=0.05)
    with RunningEdge(engine, impatient) as edge, connect(edge) as client:
        client.sendall(f"GET {LIST} HTTP/1.1\r\nHost: x\r\n\r\n".encode())
        until(lambda: bool(engine.asked))
        edge.begin_stop()
        edge.wait_stopped()
        assert edge.cut_off == 1
    assert edge.log.entries[0].aborted == "shutdown"
