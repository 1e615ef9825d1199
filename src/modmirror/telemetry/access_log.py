"""The access log: one JSON line a request, written without ever waiting for its reader.

Lines are encoded on the event loop into a buffer. A full buffer, or one that is a second old, goes to a
thread that writes it. When the reader of a pipe stops reading, that thread waits and at most
``MAX_WAITING`` buffers queue up behind it; what comes then is dropped and counted, because a mirror that
stands still to keep its log complete is of no use. The query string of a request is never logged.
"""

from __future__ import annotations

import os
import queue
import threading
from asyncio import get_running_loop
from typing import TYPE_CHECKING, Protocol

import msgspec

from modmirror.errors import ConfigError

if TYPE_CHECKING:
    from asyncio import TimerHandle
    from collections.abc import Callable

BUFFER_BYTES = 65_536
FLUSH_SECONDS = 1.0
MAX_WAITING = 64
"""Buffers that may wait for the writer: 4 MiB."""
CLOSE_SECONDS = 2.0
"""How long the last buffers may take at exit."""
STANDARD_OUTPUT = "-"


class Entry(msgspec.Struct, frozen=True, gc=False):
    """One answered request."""

    time: float
    """Seconds since the epoch when the request arrived."""
    id: str
    client: str
    method: str
    path: str
    """As it came, percent-encoded, without the query."""
    status: int
    """0 when nothing was sent."""
    bytes: int
    """Body bytes handed to the connection."""
    seconds: float
    cache: str
    upstream: str
    user_agent: str
    aborted: str
    """Why the answer was cut off, or empty."""


class AccessLog(Protocol):
    """Where entries go."""

    def write(self, entry: Entry) -> None:
        """Take an entry. Called on the event loop; never blocks, never raises."""

    def close(self) -> None:
        """Write what is left, within CLOSE_SECONDS. Safe to call twice."""


class NullAccessLog:
    """Forgets everything."""

    def write(self, entry: Entry) -> None:
        """See :class:`AccessLog`."""

    def close(self) -> None:
        """See :class:`AccessLog`."""


class JsonAccessLog:
    """Writes JSON lines to a file descriptor that it then owns."""

    def __init__(self, descriptor: int, on_drop: Callable[[int], None]) -> None:
        """Tell ``on_drop`` how many lines were lost, whenever some are; it may be called from a thread."""
        self._descriptor = descriptor
        self._on_drop = on_drop
        self._encode = msgspec.json.Encoder().encode
        self._buffer = bytearray()
        self._lines = 0
        self._timer: TimerHandle | None = None
        self._waiting: queue.Queue[tuple[bytearray, int] | None] = queue.Queue(MAX_WAITING)
        self._closed = False
        # A daemon: a log that nobody reads must not keep the process from ending.
        self._writer = threading.Thread(target=self._write_batches, name="access-log", daemon=True)
        self._writer.start()

    def write(self, entry: Entry) -> None:
        """See :class:`AccessLog`."""
        buffer = self._buffer
        buffer += self._encode(entry)
        buffer += b"\n"
        self._lines += 1
        if len(buffer) >= BUFFER_BYTES:
            self._hand_over()
        elif self._timer is None:
            self._timer = get_running_loop().call_later(FLUSH_SECONDS, self._hand_over)

    def close(self) -> None:
        """See :class:`AccessLog`."""
        if self._closed:
            return
        self._closed = True
        self._hand_over()
        try:
            self._waiting.put(None, timeout=CLOSE_SECONDS)
        except queue.Full:
            return
        self._writer.join(CLOSE_SECONDS)

    def _hand_over(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if not self._lines:
            return
        batch, lines = self._buffer, self._lines
        self._buffer, self._lines = bytearray(), 0
        try:
            self._waiting.put_nowait((batch, lines))
        except queue.Full:
            self._on_drop(lines)

    def _write_batches(self) -> None:
        while (item := self._waiting.get()) is not None:
            batch, lines = item
            try:
                _write_whole(self._descriptor, batch)
            except OSError:
                # The pipe is gone or the disk is full. The next batch may fare better; serving goes on.
                self._on_drop(lines)
        os.close(self._descriptor)


def open_access_log(target: str, on_drop: Callable[[int], None]) -> AccessLog:
    """Open the sink that ``LogSettings.access`` names: a file to append to, ``-``, or empty for none.

    Raises:
        ConfigError: the file cannot be opened for appending.
    """
    if not target:
        return NullAccessLog()
    if target == STANDARD_OUTPUT:
        return JsonAccessLog(os.dup(1), on_drop)
    try:
        descriptor = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o640)
    except OSError as error:
        raise ConfigError(
            "log.access",
            f"cannot open {target}: {error.strerror}",
            hint="name a file in a writable directory",
        ) from error
    return JsonAccessLog(descriptor, on_drop)


def _write_whole(descriptor: int, data: bytearray) -> None:
    view = memoryview(data)
    while view:
        view = view[os.write(descriptor, view) :]
