"""A started process: its output piece by piece, no faster than it is wanted, and its certain end."""

from __future__ import annotations

import asyncio
import os
import signal
from collections import deque
from contextlib import suppress
from dataclasses import dataclass
from typing import Self, cast

from modmirror.errors import UpstreamBadAnswer

_GRACE_SECONDS = 2.0
"""Between asking a group to end, so that git removes its temporary files, and ending it."""
_HELD_BYTES = 1 << 20
"""Output that is read ahead of whoever takes it."""
_ERROR_BYTES = 8192
"""Of what a tool says on standard error, the last so many are kept: the reason stands at the end."""
_STDIN, _STDOUT, _STDERR = 0, 1, 2


@dataclass(frozen=True, slots=True)
class Finished:
    """How a run ended. ``code`` is negative for the signal that killed it."""

    code: int
    stdout: bytes
    stderr: str


class Running(asyncio.SubprocessProtocol):
    """A started process whose output is taken piece by piece, no faster than it is wanted."""

    _transport: asyncio.SubprocessTransport
    """Set by the event loop before anyone sees this object."""

    def __init__(self, source: str, output_bytes: int) -> None:
        self._source = source
        self._left = output_bytes
        self._limit = output_bytes
        self._pieces: deque[bytes] = deque()
        self._held = 0
        self._error = bytearray()
        self._open = {_STDOUT, _STDERR}
        self._news = asyncio.Event()
        self._exited = asyncio.Event()

    # --- called by the event loop ----------------------------------------------------------------

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep the transport."""
        self._transport = cast("asyncio.SubprocessTransport", transport)

    def pipe_data_received(self, fd: int, data: bytes) -> None:
        """Hold output until it is taken; stop reading when too much is held."""
        if fd == _STDERR:
            self._error += data
            del self._error[:-_ERROR_BYTES]
            return
        self._pieces.append(data)
        self._held += len(data)
        if self._held > _HELD_BYTES:
            self._stdout().pause_reading()
        self._news.set()

    def pipe_connection_lost(self, fd: int, exc: Exception | None) -> None:  # noqa: ARG002  # fixed signature
        """Note the end of a stream."""
        self._open.discard(fd)
        self._news.set()

    def process_exited(self) -> None:
        """Note the end of the process."""
        self._exited.set()

    # --- for the caller --------------------------------------------------------------------------

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> bytes:
        """Return the next piece of standard output.

        Raises:
            UpstreamBadAnswer: there was more than allowed.
        """
        while not self._pieces:
            if _STDOUT not in self._open:
                raise StopAsyncIteration
            self._news.clear()
            await self._news.wait()
        piece = self._pieces.popleft()
        self._held -= len(piece)
        self._left -= len(piece)
        if self._left < 0:
            raise UpstreamBadAnswer(self._source, f"more than {self._limit} bytes of output")
        if self._held <= _HELD_BYTES and _STDOUT in self._open:
            self._stdout().resume_reading()
        return piece

    async def finish(self) -> Finished:
        """Wait for the end, and return how it ended together with the output that is left."""
        rest = b"".join([piece async for piece in self])
        await self._exited.wait()
        while _STDERR in self._open:
            self._news.clear()
            await self._news.wait()
        return Finished(self._code() or 0, rest, self._error.decode("utf-8", "replace"))

    async def end(self) -> None:
        """End the process and all its children, politely first. Returns when the process is gone."""
        if self._code() is None or self._open:
            self._signal(signal.SIGTERM)
            with suppress(TimeoutError):
                async with asyncio.timeout(_GRACE_SECONDS):
                    await self._exited.wait()
            # Children may have outlived it: the group is theirs as long as one is left.
            self._signal(signal.SIGKILL)
            await self._exited.wait()
        self._transport.close()

    def write(self, data: bytes) -> None:
        """Write all of standard input and close it."""
        # No event loop's own classes: uvloop's transports have another base.
        pipe = cast("asyncio.WriteTransport", self._transport.get_pipe_transport(_STDIN))
        pipe.write(data)
        pipe.write_eof()

    def _signal(self, number: signal.Signals) -> None:
        # Its own session makes the process id the id of its group.
        with suppress(ProcessLookupError):
            os.killpg(self._transport.get_pid(), number)

    def _code(self) -> int | None:
        return self._transport.get_returncode()

    def _stdout(self) -> asyncio.ReadTransport:
        return cast("asyncio.ReadTransport", self._transport.get_pipe_transport(_STDOUT))
