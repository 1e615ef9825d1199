from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING

import pytest

from modmirror.lab.net.profile import Link, NetProfile, Topology
from modmirror.lab.net.shaper import TcpBackend
from tests.fakes.echoing import echo_server

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from modmirror.lab.net.backend import Endpoint, Streams

FAST = NetProfile(rtt_ms=0)
LIMIT = 20.0


@pytest.fixture
async def backend() -> AsyncIterator[TcpBackend]:
    made = TcpBackend()
    yield made
    await made.close()


async def set_up(backend: TcpBackend, address: tuple[str, int], profile: NetProfile) -> Endpoint:
    link = Link(region="eu", host=address[0], port=address[1], profile=profile)
    (endpoint,) = await backend.apply(Topology((link,)))
    return endpoint


async def round_trip(streams: Streams) -> float:
    begun = time.monotonic()
    streams[1].write(b"hello")
    assert await asyncio.wait_for(streams[0].readexactly(5), LIMIT) == b"hello"
    return time.monotonic() - begun


async def test_an_endpoint_leads_through_the_link_and_says_how_long_to_wait(backend: TcpBackend) -> None:
    async with echo_server() as address:
        endpoint = await set_up(backend, address, NetProfile(rtt_ms=30))
        assert endpoint.connect_delay == 0.03
        assert endpoint.enter == ()
        streams = await backend.open("eu", *address)
        assert await round_trip(streams) >= 0.03
        assert backend.stats()["eu"].bytes_up == backend.stats()["eu"].bytes_down == 5
        streams[1].close()


async def test_a_change_holds_for_open_connections(backend: TcpBackend) -> None:
    async with echo_server() as address:
        await set_up(backend, address, FAST)
        streams = await backend.open("eu", *address)
        await round_trip(streams)
        await backend.change("eu", NetProfile(rtt_ms=100))
        assert await round_trip(streams) >= 0.1
        streams[1].close()


async def test_a_refused_link_ends_old_connections_and_takes_no_new_ones(backend: TcpBackend) -> None:
    async with echo_server() as address:
        endpoint = await set_up(backend, address, FAST)
        streams = await backend.open("eu", *address)
        await round_trip(streams)
        await backend.cut("eu", "refuse")
        with pytest.raises((ConnectionError, asyncio.IncompleteReadError)):
            await asyncio.wait_for(streams[0].readexactly(1), LIMIT)
        with pytest.raises(ConnectionRefusedError):
            await asyncio.open_connection(endpoint.host, endpoint.port)
        await backend.heal("eu")
        again = await asyncio.open_connection(endpoint.host, endpoint.port)
        await round_trip(again)
        for each in (streams, again):
            each[1].close()


async def test_a_link_that_resets_does_so_to_new_connections_too(backend: TcpBackend) -> None:
    async with echo_server() as address:
        await set_up(backend, address, FAST)
        await backend.cut("eu", "reset")
        streams = await backend.open("eu", *address)
        with pytest.raises(ConnectionResetError):
            await asyncio.wait_for(streams[0].readexactly(1), LIMIT)
        streams[1].close()


async def test_a_black_hole_is_silent_and_healing_lets_through_what_was_sent(backend: TcpBackend) -> None:
    async with echo_server() as address:
        await set_up(backend, address, FAST)
        streams = await backend.open("eu", *address)
        await round_trip(streams)
        await backend.cut("eu", "blackhole")
        streams[1].write(b"hello")
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(streams[0].readexactly(1), 0.1)
        await backend.heal("eu")
        assert await asyncio.wait_for(streams[0].readexactly(5), LIMIT) == b"hello"
        streams[1].close()
