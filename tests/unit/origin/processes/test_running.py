from __future__ import annotations

import pytest

from modmirror.errors import UpstreamBadAnswer
from modmirror.origin.processes.running import Running

HALF = b"x" * 700_000


class Pipe:
    """Stands in for the read end of standard output."""

    def __init__(self) -> None:
        self.reading = True

    def pause_reading(self) -> None:
        self.reading = False

    def resume_reading(self) -> None:
        self.reading = True


class Transport:
    """Stands in for the event loop's side of a process."""

    def __init__(self) -> None:
        self.pipe = Pipe()
        self.code: int | None = None
        self.closed = False

    def get_pipe_transport(self, fd: int) -> Pipe:
        return self.pipe

    def get_returncode(self) -> int | None:
        return self.code

    def close(self) -> None:
        self.closed = True


@pytest.fixture
def transport() -> Transport:
    return Transport()


@pytest.fixture
def running(transport: Transport) -> Running:
    made = Running("example.com/repository", output_bytes=2_000_000)
    made.connection_made(transport)  # type: ignore[arg-type]  # a fake of the four methods that are used
    return made


def ended(running: Running, transport: Transport, code: int = 0) -> None:
    transport.code = code
    running.process_exited()
    running.pipe_connection_lost(1, None)
    running.pipe_connection_lost(2, None)


async def test_reading_stops_while_too_much_is_held(running: Running, transport: Transport) -> None:
    states = []
    for _ in range(2):
        running.pipe_data_received(1, HALF)
        states.append(transport.pipe.reading)
    assert await anext(running) == HALF
    assert [*states, transport.pipe.reading] == [True, False, True]


async def test_the_end_of_output_is_the_end(running: Running, transport: Transport) -> None:
    running.pipe_data_received(1, b"last")
    ended(running, transport)
    assert [piece async for piece in running] == [b"last"]


async def test_how_it_ended_comes_with_what_is_left(running: Running, transport: Transport) -> None:
    running.pipe_data_received(2, b"said\xff")
    running.pipe_data_received(1, b"rest")
    ended(running, transport, -9)
    finished = await running.finish()
    assert (finished.code, finished.stdout, finished.stderr) == (-9, b"rest", "said\ufffd")


async def test_too_much_output_is_refused_when_it_is_taken(running: Running) -> None:
    for _ in range(3):
        running.pipe_data_received(1, HALF)
    await anext(running)
    await anext(running)
    with pytest.raises(UpstreamBadAnswer, match="more than 2000000 bytes"):
        await anext(running)


async def test_what_has_ended_is_not_signalled(running: Running, transport: Transport) -> None:
    # The fake has no process id: asking for it would fail.
    ended(running, transport)
    await running.end()
    assert transport.closed
