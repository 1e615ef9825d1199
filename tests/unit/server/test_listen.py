from __future__ import annotations

import asyncio
import socket
from typing import TYPE_CHECKING

import pytest

from modmirror.errors import ConfigError
from modmirror.server.app import create_app
from modmirror.server.listen import listen
from modmirror.server.settings import MemorySettings, ServerSettings
from modmirror.server.wire.binding import bind
from modmirror.telemetry.instruments import Instruments
from tests.fakes.answers import INFO, ScriptedEngine, info

if TYPE_CHECKING:
    from pathlib import Path

    from modmirror.server.app import Edge
    from modmirror.server.wire.binding import Bound

QUICK = ServerSettings(port=0, drain=0)


def edge(settings: ServerSettings = QUICK) -> Edge:
    return create_app(ScriptedEngine({INFO: info}), settings, MemorySettings(), (), Instruments())


async def ask(bound: Bound) -> bytes:
    if bound.url.startswith("unix:"):
        reader, writer = await asyncio.open_unix_connection(bound.url.removeprefix("unix:"))
    else:
        reader, writer = await asyncio.open_connection(*bound.socket.getsockname()[:2])
    writer.write(f"GET {INFO} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n".encode())
    answer = await reader.read()
    writer.close()
    await writer.wait_closed()
    return answer


@pytest.mark.parametrize("unix", [False, True], ids=["tcp", "unix"])
async def test_it_serves_until_told_to_stop(tmp_path: Path, *, unix: bool) -> None:
    settings = ServerSettings(port=0, drain=0, unix_socket=str(tmp_path / "s") if unix else "")
    stop = asyncio.Event()
    ready: asyncio.Future[Bound] = asyncio.get_running_loop().create_future()
    running = asyncio.create_task(listen(edge(settings), settings, on_ready=ready.set_result, stop=stop))
    bound = await ready
    assert (await ask(bound)).startswith(b"HTTP/1.1 200 OK")
    stop.set()
    assert await running == 0
    with pytest.raises(OSError):  # noqa: PT011 - refused, or no such file
        await ask(bound)


async def test_it_serves_on_a_socket_that_was_bound_earlier() -> None:
    bound = bind(QUICK)
    stop = asyncio.Event()
    seen: list[Bound] = []
    running = asyncio.create_task(listen(edge(), QUICK, on_ready=seen.append, stop=stop, bound=bound))
    assert (await ask(bound)).startswith(b"HTTP/1.1 200 OK")
    assert seen == [bound]
    stop.set()
    await running


async def test_a_taken_port_is_told_before_anything_is_said_to_be_ready() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        settings = ServerSettings(port=taken.getsockname()[1])
        with pytest.raises(ConfigError):
            await listen(
                edge(), settings, on_ready=lambda _: pytest.fail("not ready"), stop=asyncio.Event()
            )


async def test_stopping_before_it_began_ends_at_once() -> None:
    stop = asyncio.Event()
    stop.set()
    assert await listen(edge(), QUICK, on_ready=lambda _: None, stop=stop) == 0


async def test_the_drain_comes_before_the_end() -> None:
    settings = ServerSettings(port=0, drain=0.2)
    app, stop = edge(settings), asyncio.Event()
    ready: asyncio.Future[Bound] = asyncio.get_running_loop().create_future()
    running = asyncio.create_task(listen(app, settings, on_ready=ready.set_result, stop=stop))
    bound = await ready
    stop.set()
    while not app.ops.draining:
        await asyncio.sleep(0)
    assert (await ask(bound)).startswith(b"HTTP/1.1 200 OK")
    assert not running.done()
    await running
