"""What sockets can do that transports do not offer: sendfile, and saying what is still unsent."""

from __future__ import annotations

import asyncio
import errno
import fcntl
import os
import struct
import termios
from typing import TYPE_CHECKING

from modmirror.errors import StorageBroken, StorageError

if TYPE_CHECKING:
    import socket

    from modmirror.storage.port import OpenBlob

MAX_CALL_BYTES = 4_194_304
"""Most bytes of one call: between calls it is seen whether the rest is in memory."""
MAX_TURN_BYTES = 8_388_608
"""After so much without waiting others get their turn: a millisecond or two."""

# Whatever goes wrong with the connection; anything else is the file's fault.
_CONNECTION_ERRORS = frozenset(
    {
        errno.EPIPE,
        errno.ECONNRESET,
        errno.ETIMEDOUT,
        errno.ENOTCONN,
        errno.EHOSTUNREACH,
        errno.ENETUNREACH,
    }
)


def unsent_bytes(sock: socket.socket) -> int:
    """Return how many bytes the kernel holds that the other end has not acknowledged."""
    answer = fcntl.ioctl(sock.fileno(), termios.TIOCOUTQ, struct.pack("i", 0))
    return int(struct.unpack("i", answer)[0])


class FileSender:
    """Sends a part of a stored file without copying it through this process."""

    __slots__ = ("_content", "_socket", "_warm", "blocked", "offset", "stop")

    def __init__(
        self, sock: socket.socket, content: OpenBlob, start: int, stop: int, *, warm: bool = False
    ) -> None:
        """Send bytes ``start`` up to ``stop`` of content that has a descriptor.

        ``warm``: its beginning is known to be in memory.
        """
        self._socket = sock
        self._content = content
        self._warm = warm
        self.offset = start
        """Everything before it has been handed to the kernel."""
        self.stop = stop
        self.blocked = False
        """The client is waited for."""

    def send_now(self) -> bool:
        """Send what can be sent without waiting, within one turn; return whether that was all of it.

        Raises:
            StorageBroken: the file is shorter than it was said to be, or cannot be read.
            ConnectionError: the client is gone.
        """
        end_of_turn = self.offset + MAX_TURN_BYTES
        self.blocked = False
        while self.offset < self.stop:
            # What is not in memory would keep everybody waiting for the disk.
            if self.offset >= end_of_turn or not (self._warm or self._in_memory()):
                return False
            self._warm = False
            if not self._send_some():
                self.blocked = True
                return False
        return True

    async def send_rest(self) -> None:
        """Send what is left. Raises as :meth:`send_now`."""
        while not self.send_now():
            if self.blocked:
                await self._send_as_taken()
            elif not self._in_memory():
                # A thread brings it into memory.
                await self._content.read(self.offset, min(MAX_CALL_BYTES, self.stop - self.offset))
            else:
                await asyncio.sleep(0)

    def _in_memory(self) -> bool:
        return self._content.read_now(self.offset, 1) is not None

    async def _send_as_taken(self) -> None:
        """Send whenever the client takes more, until something else has to be waited for."""
        loop = asyncio.get_running_loop()
        over = loop.create_future()
        # Registered once: for a large file the client is waited for a hundred times.
        loop.add_writer(self._socket, self._on_writable, over)
        try:
            await over
        finally:
            loop.remove_writer(self._socket)

    def _on_writable(self, over: asyncio.Future[None]) -> None:
        if over.done():
            return
        try:
            done = self.send_now()
        except (ConnectionError, StorageError) as error:
            over.set_exception(error)
        else:
            if done or not self.blocked:
                over.set_result(None)

    def _send_some(self) -> bool:
        descriptor = self._content.descriptor
        size = min(MAX_CALL_BYTES, self.stop - self.offset)
        try:
            sent = os.sendfile(self._socket.fileno(), descriptor or 0, self.offset, size)
        except BlockingIOError:
            return False
        except OSError as error:
            if error.errno in _CONNECTION_ERRORS:
                raise ConnectionError(error.errno, error.strerror) from error
            raise StorageBroken(f"cannot read a stored file: {error.strerror}") from error
        if sent == 0:
            path = self._content.blob.key.path
            raise StorageBroken(f"{path} ends at byte {self.offset}, not at {self.stop}")
        self.offset += sent
        return True
