from __future__ import annotations

import asyncio
import socket
import time
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

import pytest

from modmirror.errors import ConfigError
from modmirror.lab.net.tcp import TcpProxy
from modmirror.lab.net.toxics import Toxic
from tests.fakes.echoing import echo_server

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from modmirror.lab.net.backend import Streams

LIMIT = 20.0


@asynccontextmanager
async def proxied(*toxics: Toxic) -> AsyncIterator[tuple[TcpProxy, Streams]]:
    async with echo_server() as address:
        proxy = TcpProxy("p", address, seed=1)
        proxy.replace(toxics)
        await proxy.start()
        streams = await asyncio.open_connection(*proxy.listen)
        try:
            yield proxy, streams
        finally:
            streams[1].transport.abort()
            await proxy.close()


async def echoed(streams: Streams, data: bytes) -> bytes:
    streams[1].write(data)
    return await asyncio.wait_for(streams[0].readexactly(len(data)), LIMIT)


async def test_without_toxics_bytes_go_through_as_they_are() -> None:
    async with proxied() as (proxy, streams):
        data = bytes(range(256)) * 8000
        assert await echoed(streams, data) == data
        assert (proxy.stats.connections, proxy.stats.bytes_up) == (1, len(data))
        assert len(proxy.arrivals) == 1


async def test_no_side_holds_small_pieces_back() -> None:
    async with proxied() as (proxy, streams):
        await echoed(streams, b"x")
        (connection,) = proxy._open
        sockets = [writer.get_extra_info("socket") for writer in connection._writers]
        assert len(sockets) == 2
        assert all(each.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY) for each in sockets)


async def test_latency_delays_each_chunk_but_not_one_after_the_other() -> None:
    async with proxied(Toxic("l", "latency", "upstream", 1.0, {"latency": 100.0})) as (_, streams):
        begun = time.monotonic()
        data = b"x" * 800_000
        assert await echoed(streams, data) == data
        # Fifty chunks of 100 ms each would be five seconds.
        assert 0.1 <= time.monotonic() - begun < 3


async def test_a_rate_is_shared_by_all_connections() -> None:
    limit = Toxic("b", "bandwidth", "downstream", 1.0, {"rate": 400.0})
    async with proxied(limit) as (proxy, streams):
        other = await asyncio.open_connection(*proxy.listen)
        begun = time.monotonic()
        await asyncio.gather(echoed(streams, b"x" * 100_000), echoed(other, b"x" * 100_000))
        assert time.monotonic() - begun >= 0.49
        other[1].close()


async def test_limit_data_lets_so_many_bytes_through_and_ends() -> None:
    async with proxied(Toxic("d", "limit_data", "downstream", 1.0, {"bytes": 1000.0})) as (_, streams):
        streams[1].write(b"x" * 5000)
        assert await asyncio.wait_for(streams[0].read(), LIMIT) == b"x" * 1000


async def test_a_timeout_swallows_and_ends_after_its_time() -> None:
    async with proxied(Toxic("t", "timeout", "downstream", 1.0, {"timeout": 100.0})) as (_, streams):
        begun = time.monotonic()
        streams[1].write(b"x")
        assert await asyncio.wait_for(streams[0].read(), LIMIT) == b""
        assert time.monotonic() - begun >= 0.09


async def test_a_timeout_of_zero_swallows_until_it_is_removed_and_ends_then() -> None:
    async with proxied(Toxic("t", "timeout")) as (proxy, streams):
        streams[1].write(b"x")
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(streams[0].read(), 0.1)
        proxy.remove("t")
        assert await asyncio.wait_for(streams[0].read(), LIMIT) == b""


async def test_reset_peer_resets() -> None:
    async with proxied() as (proxy, streams):
        await echoed(streams, b"x")
        proxy.put(Toxic("r", "reset_peer"))
        with pytest.raises(ConnectionResetError):
            await asyncio.wait_for(streams[0].readexactly(1), LIMIT)


async def test_slow_close_holds_back_only_the_end() -> None:
    async with proxied(Toxic("s", "slow_close", "downstream", 1.0, {"delay": 200.0})) as (_, streams):
        begun = time.monotonic()
        assert await echoed(streams, b"x") == b"x"
        streams[1].write_eof()
        assert await asyncio.wait_for(streams[0].read(), LIMIT) == b""
        assert time.monotonic() - begun >= 0.2


async def test_a_slicer_cuts_and_pauses_and_loses_nothing() -> None:
    knife = Toxic(
        "k", "slicer", "downstream", 1.0, {"average_size": 100.0, "size_variation": 20.0, "delay": 5000.0}
    )
    async with proxied(knife) as (_, streams):
        begun = time.monotonic()
        data = bytes(range(250)) * 8
        assert await echoed(streams, data) == data
        assert time.monotonic() - begun >= 0.05


async def test_corruption_changes_a_byte_and_not_the_length() -> None:
    async with proxied(Toxic("c", "corrupt", "downstream", 1.0, {"probability": 1.0})) as (_, streams):
        answer = await echoed(streams, b"x" * 100)
        assert len(answer) == 100
        assert answer.count(b"x") == 99


async def test_a_stall_pauses_as_a_lost_packet_does() -> None:
    lost = Toxic("s", "stall", "downstream", 1.0, {"probability": 1.0, "pause": 150.0})
    async with proxied(lost) as (_, streams):
        begun = time.monotonic()
        await echoed(streams, b"x")
        assert time.monotonic() - begun >= 0.15


async def test_removing_a_delay_lets_go_what_waits() -> None:
    async with proxied(Toxic("l", "latency", "downstream", 1.0, {"latency": 600_000.0})) as (
        proxy,
        streams,
    ):
        streams[1].write(b"hello")
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(streams[0].readexactly(5), 0.1)
        proxy.remove("l")
        assert await asyncio.wait_for(streams[0].readexactly(5), LIMIT) == b"hello"


async def test_a_toxic_concerns_its_share_of_connections() -> None:
    async with proxied(Toxic("t", "timeout", "downstream", 0.5)) as (proxy, _):
        heard = []
        for _number in range(12):
            streams = await asyncio.open_connection(*proxy.listen)
            streams[1].write(b"x")
            try:
                heard.append(await asyncio.wait_for(streams[0].read(1), 0.15))
            except TimeoutError:
                heard.append(b"")
            streams[1].close()
        assert set(heard) == {b"", b"x"}


async def test_a_server_that_refuses_is_seen_as_a_reset() -> None:
    proxy = TcpProxy("p", ("127.0.0.1", 1))
    await proxy.start()
    streams = await asyncio.open_connection(*proxy.listen)
    with pytest.raises(ConnectionResetError):
        await asyncio.wait_for(streams[0].readexactly(1), LIMIT)
    streams[1].close()
    await proxy.close()


async def test_a_stopped_proxy_keeps_its_port() -> None:
    async with proxied() as (proxy, _):
        await proxy.stop()
        assert not proxy.enabled
        other = TcpProxy("q", ("127.0.0.1", 1), listen=proxy.listen)
        await proxy.start()
        with pytest.raises(ConfigError, match="cannot be listened on"):
            await other.start()
        assert proxy.enabled
