from __future__ import annotations

import os
import socket
import time
from typing import TYPE_CHECKING

import pytest

from modmirror.server.wire.idle import close_idle

if TYPE_CHECKING:
    from collections.abc import Iterator

MOMENT = 0.05


class World:
    """A listener, a client and the connection between them."""

    def __init__(self) -> None:
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        self.client = socket.create_connection(("127.0.0.1", self.port), timeout=10)
        self.accepted, self.peer = self.listener.accept()
        self.accepted.settimeout(10)

    def close(self) -> None:
        for each in (self.listener, self.client, self.accepted):
            each.close()

    def sweep_until_closed(self) -> int:
        deadline = time.monotonic() + 10
        while not (closed := close_idle(self.port, MOMENT, ())):
            assert time.monotonic() < deadline
            time.sleep(0.01)
        return closed


@pytest.fixture
def world() -> Iterator[World]:
    made = World()
    yield made
    made.close()


def test_a_connection_on_which_nothing_happens_is_ended(world: World) -> None:
    assert world.sweep_until_closed() == 1
    assert world.client.recv(1) == b""
    assert world.accepted.recv(1) == b""


def test_a_connection_that_carried_data_lately_is_left_alone(world: World) -> None:
    world.client.send(b"x")
    assert close_idle(world.port, 60, ()) == 0
    assert world.accepted.recv(1) == b"x"


def test_a_client_that_waits_for_us_is_left_alone(world: World) -> None:
    time.sleep(2 * MOMENT)
    assert close_idle(world.port, MOMENT, {world.peer}) == 0
    world.accepted.send(b"x")
    assert world.client.recv(1) == b"x"


def test_only_connections_that_came_in_on_the_port_are_touched(world: World) -> None:
    other = World()
    try:
        assert world.sweep_until_closed() == 1
        other.accepted.send(b"x")
        assert other.client.recv(1) == b"x"
    finally:
        other.close()


def test_files_pipes_and_other_sockets_are_left_alone(world: World) -> None:
    reader, writer = os.pipe()
    one, other = socket.socketpair()
    with one, other, socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as datagrams:
        datagrams.bind(("127.0.0.1", 0))
        world.sweep_until_closed()
        one.send(b"x")
        assert other.recv(1) == b"x"
    os.write(writer, b"x")
    assert os.read(reader, 1) == b"x"
    os.close(reader)
    os.close(writer)


def test_the_listener_goes_on_listening(world: World) -> None:
    world.sweep_until_closed()
    with socket.create_connection(("127.0.0.1", world.port), timeout=10):
        pass


def test_no_descriptor_is_left_behind(world: World) -> None:
    def descriptors() -> int:
        return len(os.listdir("/proc/self/fd"))  # noqa: PTH208 - counted, not used

    before = descriptors()
    for _ in range(3):
        close_idle(world.port, 60, ())
    assert descriptors() == before
