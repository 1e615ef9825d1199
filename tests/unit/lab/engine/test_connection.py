from __future__ import annotations

import asyncio
import time

import pytest

from modmirror.lab.engine import connection as module
from modmirror.lab.engine.connection import connect
from tests.fakes.lying_server import OK, LyingServer, always


def port_of(url: str) -> int:
    return int(url.rpartition(":")[2])


async def test_the_time_is_that_of_the_address_that_won() -> None:
    # Nobody listens at the other address of loopback: it refuses at once.
    async with LyingServer(always(OK)).serve() as url:
        found, seconds = await connect(("127.0.0.2", "127.0.0.1"), port_of(url), 0.03, time.monotonic)
        assert found.address == "127.0.0.1"
        assert seconds >= 0.029
        found.close()


async def test_an_address_that_says_nothing_is_given_up_for_the_next(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(module, "_TRY", 0.02)
    real = asyncio.get_running_loop().sock_connect

    async def black_hole(sock: object, address: tuple[str, int]) -> None:
        if address[0] == "127.0.0.9":
            await asyncio.Event().wait()
        await real(sock, address)  # type: ignore[arg-type]  # a socket

    monkeypatch.setattr(asyncio.get_running_loop(), "sock_connect", black_hole)
    async with LyingServer(always(OK)).serve() as url:
        found, _ = await connect(("127.0.0.9", "127.0.0.1"), port_of(url), 0.0, time.monotonic)
        assert found.address == "127.0.0.1"
        found.close()


async def test_when_none_answers_the_last_speaks() -> None:
    async with LyingServer(always(OK)).serve() as url:
        port = port_of(url)
    with pytest.raises(ConnectionRefusedError):
        await connect(("127.0.0.1", "127.0.0.2"), port, 0.0, time.monotonic)


async def test_the_kernel_tells_round_trip_and_window() -> None:
    async with LyingServer(always(OK)).serve() as url:
        found, _ = await connect(("127.0.0.1",), port_of(url), 0.0, time.monotonic)
        facts = found.facts()
        assert facts
        assert 0 <= facts.rtt < 10
        assert facts.window >= 1
        assert facts.retransmits == 0
        found.close()
        assert found.facts() is None


async def test_a_connection_is_quiet_until_something_comes() -> None:
    async with LyingServer(always(OK)).serve() as url:
        found, _ = await connect(("127.0.0.1",), port_of(url), 0.0, time.monotonic)
        before = found.quiet
        await found.send(b"GET / HTTP/1.1\r\n\r\n")
        deadline = time.monotonic() + 20
        while found.quiet and time.monotonic() < deadline:
            await asyncio.sleep(0.001)
        assert (before, found.quiet) == (True, False)
        assert await found.receive() == OK
        found.close()
        assert not found.quiet
