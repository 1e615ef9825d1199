from __future__ import annotations

import time

from modmirror.lab.load.worker import perform
from tests.fakes.loaded import LoadedServer, job, loaded_server


async def test_clients_ask_again_as_soon_as_they_are_answered() -> None:
    async with loaded_server() as server:
        counted = await perform(job(server, time.monotonic() + 0.05, loop="closed", connections=4))
    assert counted.errors == {}
    assert counted.answered >= 20
    # What was under way at the end is not counted, whatever became of it.
    assert counted.answered <= counted.planned <= counted.answered + 4


async def test_connections_that_the_server_ends_are_opened_again() -> None:
    answer = b"HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: 20\r\n\r\n" + b"x" * 20
    async with loaded_server(LoadedServer(answer, ends=True)) as server:
        server_job = job(server, time.monotonic() + 0.05, loop="closed", connections=2)
        counted = await perform(server_job)
    assert counted.planned > 4
    assert set(counted.errors) <= {"mismatch"}


async def test_a_dead_server_is_not_asked_as_fast_as_one_can() -> None:
    async with loaded_server() as server:
        pass
    counted = await perform(job(server, time.monotonic(), loop="closed", connections=1))
    assert counted.answered == 0
    assert 1 <= counted.errors["refused"] <= 7


async def test_a_silent_server_ends_the_loop_in_time() -> None:
    async with loaded_server(LoadedServer(silent=True)) as server:
        counted = await perform(job(server, time.monotonic(), loop="closed", connections=2))
    assert counted.answered == 0
    assert counted.seconds < 5
