from __future__ import annotations

import asyncio
import os
import socket
from typing import TYPE_CHECKING

import pytest

from modmirror.errors import StorageBroken
from modmirror.server.wire import sockets
from modmirror.server.wire.sockets import FileSender, unsent_bytes
from tests.fakes.answers import FileBlob

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

BODY = bytes(range(256)) * 40_000


@pytest.fixture
def pair() -> Iterator[tuple[socket.socket, socket.socket]]:
    ours, theirs = socket.socketpair()
    ours.settimeout(0)
    theirs.settimeout(0)
    with ours, theirs:
        yield ours, theirs


async def read_all(sock: socket.socket, size: int) -> bytes:
    loop = asyncio.get_running_loop()
    data = bytearray()
    while len(data) < size:
        piece = await loop.sock_recv(sock, 1 << 20)
        assert piece, "it ended early"
        data += piece
    return bytes(data)


def test_what_fits_is_sent_at_once(pair: tuple[socket.socket, socket.socket], tmp_path: Path) -> None:
    ours, theirs = pair
    sender = FileSender(ours, FileBlob(tmp_path / "f", b"0123456789"), 2, 8)
    assert sender.send_now()
    assert (theirs.recv(100), sender.offset) == (b"234567", 8)


async def test_what_does_not_fit_waits_for_the_client(
    pair: tuple[socket.socket, socket.socket], tmp_path: Path
) -> None:
    ours, theirs = pair
    sender = FileSender(ours, FileBlob(tmp_path / "f", BODY), 0, len(BODY))
    assert not sender.send_now()
    assert sender.blocked
    assert 0 < sender.offset < len(BODY)
    received, _ = await asyncio.gather(read_all(theirs, len(BODY)), sender.send_rest())
    assert received == BODY
    assert (sender.offset, sender.blocked) == (len(BODY), False)


async def test_a_file_on_a_sleeping_disk_is_fetched_by_a_thread_first(
    pair: tuple[socket.socket, socket.socket], tmp_path: Path
) -> None:
    ours, theirs = pair
    blob = FileBlob(tmp_path / "f", b"0123456789", cold=True)
    sender = FileSender(ours, blob, 0, 10)
    assert not sender.send_now()
    assert (sender.blocked, sender.offset) == (False, 0)
    await sender.send_rest()
    assert theirs.recv(100) == b"0123456789"
    assert blob.waited == 1


async def test_after_a_turn_others_get_theirs(
    pair: tuple[socket.socket, socket.socket], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sockets, "MAX_TURN_BYTES", 4)
    monkeypatch.setattr(sockets, "MAX_CALL_BYTES", 2)
    ours, theirs = pair
    sender = FileSender(ours, FileBlob(tmp_path / "f", b"0123456789"), 0, 10)
    assert not sender.send_now()
    assert (sender.offset, sender.blocked) == (4, False)
    await sender.send_rest()
    assert theirs.recv(100) == b"0123456789"


@pytest.mark.parametrize("rest", [False, True])
async def test_a_file_that_ends_early_is_broken(
    pair: tuple[socket.socket, socket.socket], tmp_path: Path, *, rest: bool
) -> None:
    sender = FileSender(pair[0], FileBlob(tmp_path / "f", b"0123456789", size=12), 0, 12)
    with pytest.raises(StorageBroken, match="ends at byte 10, not at 12"):
        await sender.send_rest() if rest else sender.send_now()


def test_a_file_that_cannot_be_read_is_broken(
    pair: tuple[socket.socket, socket.socket], tmp_path: Path
) -> None:
    blob = FileBlob(tmp_path / "f", b"0123456789")
    os.close(blob._descriptor)
    sender = FileSender(pair[0], blob, 0, 10)
    with pytest.raises(StorageBroken, match="cannot read"):
        sender.send_now()


async def test_a_client_that_is_gone_is_an_error_of_the_connection(
    pair: tuple[socket.socket, socket.socket], tmp_path: Path
) -> None:
    ours, theirs = pair
    sender = FileSender(ours, FileBlob(tmp_path / "f", BODY), 0, len(BODY))
    assert not sender.send_now()
    sending = asyncio.create_task(sender.send_rest())
    await asyncio.sleep(0)
    theirs.close()
    with pytest.raises(ConnectionError):
        await sending


async def test_sending_can_be_cancelled_while_the_client_is_waited_for(
    pair: tuple[socket.socket, socket.socket], tmp_path: Path
) -> None:
    ours, _ = pair
    sender = FileSender(ours, FileBlob(tmp_path / "f", BODY), 0, len(BODY))
    sending = asyncio.create_task(sender.send_rest())
    await asyncio.sleep(0)
    sending.cancel()
    with pytest.raises(asyncio.CancelledError):
        await sending


def test_unsent_bytes_fall_as_the_client_reads(pair: tuple[socket.socket, socket.socket]) -> None:
    ours, theirs = pair
    assert unsent_bytes(ours) == 0
    ours.send(b"x" * 1000)
    waiting = unsent_bytes(ours)
    assert waiting > 0
    theirs.recv(1000)
    assert unsent_bytes(ours) < waiting
