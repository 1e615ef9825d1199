from __future__ import annotations

import asyncio
import subprocess
import sys
import time
from typing import TYPE_CHECKING

import pytest

from modmirror.lab.net.namespace import NotPermitted
from modmirror.lab.net.profile import Link, NetProfile, Topology
from modmirror.lab.net.selftest import check_link
from modmirror.lab.net.tun import TunBackend
from tests.fakes.echoing import echo_server

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from modmirror.lab.net.backend import Endpoint, Streams

LINE = NetProfile(rtt_ms=60)
LIMIT = 30.0
CLIENT = """
import socket, sys
with socket.create_connection((sys.argv[1], int(sys.argv[2])), 20) as line:
    line.sendall(b"hello")
    print(line.recv(5).decode())
"""


@pytest.fixture
async def backend() -> AsyncIterator[TunBackend]:
    made = TunBackend(seed=1)
    if not made.capabilities.available:
        pytest.skip(f"SKIPPED ALOUD: {made.capabilities.reason}")
    yield made
    await made.close()


async def set_up(backend: TunBackend, address: tuple[str, int], profile: NetProfile = LINE) -> Endpoint:
    link = Link(region="eu", host=address[0], port=address[1], profile=profile)
    (endpoint,) = await backend.apply(Topology((link,)))
    return endpoint


async def round_trip(streams: Streams) -> float:
    begun = time.monotonic()
    streams[1].write(b"hello")
    assert await asyncio.wait_for(streams[0].readexactly(5), LIMIT) == b"hello"
    return time.monotonic() - begun


async def test_the_handshake_itself_takes_the_round_trip(backend: TunBackend) -> None:
    check = None
    await set_up(backend, ("127.0.0.1", 9))
    check = await check_link(backend, "eu", LINE)
    assert check.backend == "tun"
    # A busy machine makes it slower; half a tick early is allowed for in each direction.
    assert 58 <= check.measured["connect_ms"] < 180
    assert 58 <= check.measured["rtt_ms"] < 120
    stats = backend.stats()["eu"]
    assert stats.packets > 40
    assert (stats.connections, stats.dropped) == (1, 0)


async def test_a_client_in_the_region_reaches_a_server_outside_by_the_endpoint(backend: TunBackend) -> None:
    async with echo_server() as address:
        endpoint = await set_up(backend, address)
        command = [*endpoint.enter, sys.executable, "-c", CLIENT, endpoint.host, str(endpoint.port)]
        done = await asyncio.to_thread(
            subprocess.run, command, capture_output=True, text=True, timeout=LIMIT, check=False
        )
        assert (done.stdout, done.stderr) == ("hello\n", "")


async def test_a_black_hole_swallows_even_the_handshake_and_healing_mends_it(backend: TunBackend) -> None:
    async with echo_server() as address:
        await set_up(backend, address)
        streams = await backend.open("eu", *address)
        await round_trip(streams)
        await backend.cut("eu", "blackhole")
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(backend.open("eu", *address), 0.3)
        streams[1].write(b"hello")
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(streams[0].readexactly(5), 0.3)
        await backend.heal("eu")
        # TCP sends again what was lost, sooner or later.
        assert await asyncio.wait_for(streams[0].readexactly(5), LIMIT) == b"hello"
        streams[1].close()


async def test_a_refused_link_refuses(backend: TunBackend) -> None:
    async with echo_server() as address:
        await set_up(backend, address)
        await backend.cut("eu", "refuse")
        with pytest.raises(ConnectionRefusedError):
            await asyncio.wait_for(backend.open("eu", *address), LIMIT)


async def test_lost_packets_are_sent_again_by_the_kernel(backend: TunBackend) -> None:
    async with echo_server() as address:
        await set_up(backend, address, NetProfile(rtt_ms=2))
        streams = await backend.open("eu", *address)
        await backend.change("eu", NetProfile(rtt_ms=2, loss=0.05))
        data = bytes(range(256)) * 800
        streams[1].write(data)
        assert await asyncio.wait_for(streams[0].readexactly(len(data)), LIMIT) == data
        assert backend.stats()["eu"].dropped > 0
        streams[1].close()


async def test_where_it_is_not_permitted_it_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse() -> None:
        raise NotPermitted("unshare: Operation not permitted", hint="be root")

    monkeypatch.setattr("modmirror.lab.net.tun.Namespace", refuse)
    facts = TunBackend().capabilities
    assert (facts.available, facts.reason) == (False, "unshare: Operation not permitted be root")
