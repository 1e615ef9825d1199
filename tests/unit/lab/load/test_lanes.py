from __future__ import annotations

import socket
import ssl
import time
from typing import TYPE_CHECKING

import pytest

from modmirror.lab.load.job import Place
from modmirror.lab.load.lanes import CannotConnect, Lanes
from tests.fakes.loaded import loaded_server

if TYPE_CHECKING:
    from modmirror.lab.load.lane import Exchange, Lane


class Listener:
    def answered(self, lane: Lane, exchange: Exchange, outcome: str, status: int) -> None:
        raise AssertionError("nothing was asked")

    def lost(self, lane: Lane) -> None:
        pass


async def test_connections_are_counted_and_all_of_them_end() -> None:
    async with loaded_server() as server:
        lanes = Lanes(server.place, 5.0, time.monotonic)
        one, other = await lanes.open(Listener()), await lanes.open(Listener())
        assert len(lanes) == 2
        lanes.forget(one)
        assert len(lanes) == 1
        lanes.close()
        assert not other.open
        one.close()


async def test_why_there_is_no_connection_is_told() -> None:
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        lanes = Lanes(Place("127.0.0.1", bound.getsockname()[1]), 5.0, time.monotonic)
        with pytest.raises(CannotConnect) as refused:
            await lanes.open(Listener())
    assert refused.value.outcome == "refused"


async def test_a_server_without_tls_is_a_failure_of_tls() -> None:
    async with loaded_server() as server:
        lanes = Lanes(Place("127.0.0.1", server.port, tls=True), 5.0, time.monotonic)
        server.ends = True
        server.answer = b"HTTP/1.1 400 Bad Request\r\n\r\n"
        with pytest.raises(CannotConnect) as failed:
            # The server waits for the end of a head that never comes: the handshake has a limit.
            await Lanes(Place("127.0.0.1", server.port, tls=True), 0.2, time.monotonic).open(Listener())
        assert failed.value.outcome == "timeout"
        assert isinstance(lanes._context, ssl.SSLContext)
