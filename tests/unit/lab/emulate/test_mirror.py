from __future__ import annotations

import asyncio
import time
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import pytest

from modmirror.lab.emulate.behaviour import Behaviour
from modmirror.lab.emulate.mirror import EmulatedMirror
from modmirror.lab.emulate.modules import ModuleSet
from tests.fakes.rawhttp import RawAnswer, RawClient

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

LIST = "/example.com/lab/text/@v/list"
ZIP = "/example.com/lab/yaml/@v/v1.3.0.zip"
LIMIT = 20.0


@asynccontextmanager
async def serving(behaviour: Behaviour | None = None) -> AsyncIterator[tuple[EmulatedMirror, int]]:
    mirror = EmulatedMirror(ModuleSet.generate(1), behaviour)
    async with mirror.serve() as url:
        yield mirror, urlsplit(url).port or 0


async def get(port: int, path: str, **headers: str) -> RawAnswer:
    def ask() -> RawAnswer:
        with RawClient(port) as client:
            return client.get(path, **headers)

    return await asyncio.wait_for(asyncio.to_thread(ask), LIMIT)


async def test_requests_are_answered_and_counted_by_path() -> None:
    async with serving() as (mirror, port):
        for _ in range(3):
            assert (await get(port, LIST)).status == 200
        assert (await get(port, "/example.com/none/@v/list")).status == 404
        assert mirror.counts == {LIST: 3, "/example.com/none/@v/list": 1}
        assert [arrival.status for arrival in mirror.arrivals] == [200, 200, 200, 404]


async def test_one_connection_takes_many_requests_even_sent_together() -> None:
    def ask(port: int) -> list[int]:
        with RawClient(port) as client:
            client.ask(LIST)
            client.ask("/example.com/lab/text/@latest")
            client.ask(ZIP, method="HEAD")
            return [client.answer().status, client.answer().status, client.answer(head=True).status]

    async with serving() as (_, port):
        assert await asyncio.to_thread(ask, port) == [200, 200, 200]


async def test_a_part_of_a_zip_can_be_asked_for() -> None:
    async with serving() as (_, port):
        whole = await get(port, ZIP)
        part = await get(port, ZIP, Range="bytes=100-", If_Range=whole.headers["etag"])
        assert (part.status, part.body) == (206, whole.body[100:])
        assert part.headers["content-range"] == f"bytes 100-{len(whole.body) - 1}/{len(whole.body)}"
        assert (await get(port, ZIP, Range="bytes=100-", If_Range='"other"')).body == whole.body


async def test_a_truncated_body_ends_with_the_connection() -> None:
    async with serving(Behaviour(truncate=1.0)) as (_, port):
        answer = await get(port, ZIP)
        assert not answer.whole
        assert 0 < len(answer.body) < int(answer.headers["content-length"])


async def test_a_body_without_end_goes_on_until_the_mirror_is_stopped() -> None:
    def listen(port: int, ended: Callable[[], object]) -> RawAnswer:
        with RawClient(port) as client:
            client.ask(LIST)
            client.skip(200)
            ended()
            return client.answer()

    going = asyncio.Event()
    loop = asyncio.get_running_loop()
    async with serving(Behaviour(endless=1.0)) as (_, port):
        listening = asyncio.create_task(
            asyncio.to_thread(listen, port, lambda: loop.call_soon_threadsafe(going.set))
        )
        await asyncio.wait_for(going.wait(), LIMIT)
    with pytest.raises(AssertionError, match="the connection ended"):
        await asyncio.wait_for(listening, LIMIT)


async def test_a_silent_mirror_says_nothing_and_dropping_ends_it() -> None:
    async with serving(Behaviour(silent=1.0)) as (mirror, port):
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(b"GET / HTTP/1.1\r\nhost: t\r\n\r\n")
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(reader.read(1), 0.1)
        mirror.drop()
        with pytest.raises(ConnectionError):
            await asyncio.wait_for(reader.readexactly(1), LIMIT)
        writer.close()


async def test_only_connections_that_hang_are_dropped_where_that_is_asked() -> None:
    async with serving() as (mirror, port):
        well = await asyncio.open_connection("127.0.0.1", port)
        well[1].write(b"GET / HTTP/1.1\r\nhost: t\r\n\r\n")
        await asyncio.wait_for(well[0].readuntil(b"\r\n\r\n"), LIMIT)
        mirror.behaviour = Behaviour(silent=1.0)
        hanging = asyncio.create_task(get(port, LIST))
        async with asyncio.timeout(LIMIT):
            while len(mirror.arrivals) < 2:
                await asyncio.sleep(0.01)
        await asyncio.sleep(0)
        mirror.behaviour = Behaviour()
        mirror.drop_hanging()
        with pytest.raises(AssertionError, match="the connection ended"):
            await hanging
        well[1].write(b"GET / HTTP/1.1\r\nhost: t\r\n\r\n")
        assert await asyncio.wait_for(well[0].readuntil(b"\r\n\r\n"), LIMIT)
        well[1].close()


async def test_a_delay_comes_before_the_answer_and_a_rate_stretches_the_body() -> None:
    async with serving(Behaviour(delay=0.2)) as (mirror, port):
        begun = time.monotonic()
        size = len((await get(port, ZIP)).body)
        assert time.monotonic() - begun >= 0.2
        mirror.behaviour = Behaviour(rate=size * 4)
        begun = time.monotonic()
        assert (await get(port, ZIP)).whole
        assert time.monotonic() - begun >= 0.2


async def test_what_is_no_http_ends_the_connection() -> None:
    async with serving() as (mirror, port):
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(b"\x16\x03\x01 hello\r\n\r\n")
        assert await asyncio.wait_for(reader.read(), LIMIT) == b""
        writer.close()
        assert mirror.arrivals == []
