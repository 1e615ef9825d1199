"""What sockets can do that transports do not offer: sendfile, and saying what is still unsent."""

from __future__ import annotations

import asyncio
import errno
import fcntl
import os
import struct
import termios
from typing import TYPE_CHECKING

from modmirror.errors import StorageBroken

if TYPE_CHECKING:
    import socket
    from collections.abc import Callable

    from modmirror.server.conditional import Span
    from modmirror.storage.port import OpenBlob

MAX_CALL_BYTES = 1_048_576
"""Most bytes of one call: between calls it is seen whether the rest is in memory."""
MAX_TURN_BYTES = 8_388_608
"""After so much without waiting others get their turn: a millisecond or two."""

# Whatever goes wrong with the connection; anything else is the file's fault.
_CONNECTION_ERRORS = frozenset(
    {errno.EPIPE, errno.ECONNRESET, errno.ETIMEDOUT, errno.ENOTCONN, errno.EHOSTUNREACH, errno.ENETUNREACH}
)


def unsent_bytes(sock: socket.socket) -> int:
    """Return how many bytes the kernel holds that the other end has not acknowledged."""
    answer = fcntl.ioctl(sock.fileno(), termios.TIOCOUTQ, struct.pack("i", 0))
    return int(struct.unpack("i", answer)[0])


async def send_file(
    sock: socket.socket,
    content: OpenBlob,
    descriptor: int,
    span: Span,
    progress: Callable[[int], None],
    blocked: Callable[[bool], None],
) -> None:
    """Send a part of a file that stands behind ``descriptor``, without copying it through this process.

    ``progress`` is told each number of bytes sent, ``blocked`` whether the client is waited for.

    Raises:
        StorageBroken: the file is shorter than it was said to be, or cannot be read.
        ConnectionError: the client is gone.
    """
    offset, turn = span.start, 0
    while offset < span.stop:
        if content.read_now(offset, 1) is None:
            # Not in memory: sendfile would keep everybody waiting for the disk. A thread fetches it.
            await content.read(offset, min(MAX_CALL_BYTES, span.stop - offset))
        sent = _send_some(sock, descriptor, offset, min(MAX_CALL_BYTES, span.stop - offset))
        if sent is None:
            blocked(True)  # noqa: FBT003 - a callback takes what it takes
            await _writable(sock)
            blocked(False)  # noqa: FBT003 - a callback takes what it takes
            turn = 0
            continue
        if sent == 0:
            raise StorageBroken(f"{content.blob.key.path} ends at byte {offset}, not at {span.stop}")
        offset += sent
        turn += sent
        progress(sent)
        if turn >= MAX_TURN_BYTES:
            turn = 0
            await asyncio.sleep(0)


def _send_some(sock: socket.socket, descriptor: int, offset: int, size: int) -> int | None:
    try:
        return os.sendfile(sock.fileno(), descriptor, offset, size)
    except BlockingIOError:
        return None
    except OSError as error:
        if error.errno in _CONNECTION_ERRORS:
            raise ConnectionError(error.errno, error.strerror) from error
        raise StorageBroken(f"cannot read a stored file: {error.strerror}") from error


async def _writable(sock: socket.socket) -> None:
    loop = asyncio.get_running_loop()
    ready = loop.create_future()
    loop.add_writer(sock, _wake, ready)
    try:
        await ready
    finally:
        loop.remove_writer(sock)


def _wake(ready: asyncio.Future[None]) -> None:
    if not ready.done():
        ready.set_result(None)
