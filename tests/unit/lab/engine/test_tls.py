from __future__ import annotations

import asyncio
import ssl
from typing import TYPE_CHECKING

import pytest

from modmirror.errors import ConfigError
from modmirror.lab.engine.connection import Connection, connect
from modmirror.lab.engine.failures import AnswerBroken
from modmirror.lab.engine.tls import client_context
from tests.fakes.lying_server import LyingServer, Visit
from tests.fakes.tls import server_context, write_ca

if TYPE_CHECKING:
    from pathlib import Path


async def everything(connection: Connection) -> int:
    received = 0
    while data := await connection.receive():
        received += len(data)
    return received


def test_the_context_verifies_and_resumes_nothing() -> None:
    context = client_context("")
    assert context.verify_mode is ssl.CERT_REQUIRED
    assert context.check_hostname
    assert context.options & ssl.OP_NO_TICKET


def test_a_file_without_certificates_is_wrong_input(tmp_path: Path) -> None:
    (tmp_path / "empty.pem").write_text("")
    for name in ("empty.pem", "nothere.pem"):
        with pytest.raises(ConfigError, match=name):
            client_context(str(tmp_path / name))


async def test_bytes_pass_both_ways_and_a_goodbye_is_an_end(tmp_path: Path) -> None:
    async def echo_and_leave(visit: Visit) -> None:
        await visit.say(b"x" * 300_000)
        visit.hang_up()

    async with LyingServer(echo_and_leave).serve(server_context()) as url:
        port = int(url.rpartition(":")[2])
        connection, _ = await connect(("127.0.0.1",), port, 0.0, asyncio.get_running_loop().time)
        await connection.secure(client_context(str(write_ca(tmp_path))), "127.0.0.1")
        await connection.send(b"GET / HTTP/1.1\r\n\r\n")
        received = await everything(connection)
        connection.close()
    assert received == 300_000
    assert connection.tls
    assert "trustme" in connection.tls.subject


async def test_a_cut_without_a_goodbye_is_no_end(tmp_path: Path) -> None:
    async def cut(visit: Visit) -> None:
        await visit.say(b"half")
        visit.writer.transport.abort()

    async with LyingServer(cut).serve(server_context()) as url:
        port = int(url.rpartition(":")[2])
        connection, _ = await connect(("127.0.0.1",), port, 0.0, asyncio.get_running_loop().time)
        await connection.secure(client_context(str(write_ca(tmp_path))), "127.0.0.1")
        await connection.send(b"GET / HTTP/1.1\r\n\r\n")
        with pytest.raises((AnswerBroken, ConnectionResetError)):
            await everything(connection)
        connection.close()


async def test_a_certificate_for_another_name_is_refused(tmp_path: Path) -> None:
    async def say(visit: Visit) -> None:
        await visit.say(b"x")

    async with LyingServer(say).serve(server_context("other.test")) as url:
        port = int(url.rpartition(":")[2])
        connection, _ = await connect(("127.0.0.1",), port, 0.0, asyncio.get_running_loop().time)
        with pytest.raises(ssl.SSLCertVerificationError):
            await connection.secure(client_context(str(write_ca(tmp_path))), "127.0.0.1")
        connection.close()
