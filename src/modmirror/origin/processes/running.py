"""A started process: its output piece by piece, no faster than it is wanted, and its certain end."""

from __future__ import annotations

import asyncio
import os
import signal
from collections import deque
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Self

from modmirror.errors import UpstreamBadAnswer

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Callable
    from typing import IO

_GRACE_SECONDS = 2.0
"""Between asking a group to end, so that git removes its temporary files, and ending it."""
_HELD_BYTES = 1 << 20
"""Output that is read ahead of whoever takes it."""
_ERROR_BYTES = 8192
"""Of what a tool says on standard error, the last so many are kept: the reason stands at the end."""
_PIECE_BYTES = 64 << 10
"""Read at once: what a pipe holds."""
_LOOK = os.WEXITED | os.WNOHANG | os.WNOWAIT
"""Whether it has ended; it stays to be collected."""


@dataclass(frozen=True, slots=True)
class Finished:
    """How a run ended. ``code`` is negative for the signal that killed it."""

    code: int
    stdout: bytes
    stderr: str


class Running:
    """A started process whose output is taken piece by piece, no faster than it is wanted."""

    def __init__(self, process: subprocess.Popen[bytes], source: str, output_bytes: int) -> None:
        """Watch a process that leads a session of its own and has unbuffered pipes for all that it says.

        Raises OSError when it cannot be watched: too many files are open.
        """
        assert process.stdout is not None  # noqa: S101  # asked for by whoever started it
        assert process.stderr is not None  # noqa: S101  # the same
        self._process = process
        self._source = source
        self._left = output_bytes
        self._limit = output_bytes
        self._pieces: deque[bytes] = deque()
        self._held = 0
        self._error = bytearray()
        self._news = asyncio.Event()
        self._exited = asyncio.Event()
        self._watch_exit()
        self._stdout = _Pipe(process.stdout, self._hold)
        self._stderr = _Pipe(process.stderr, self._note)

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> bytes:
        """Return the next piece of standard output.

        Raises:
            UpstreamBadAnswer: there was more than allowed.
        """
        while not self._pieces:
            if not self._stdout.is_open:
                raise StopAsyncIteration
            self._news.clear()
            await self._news.wait()
        piece = self._pieces.popleft()
        self._held -= len(piece)
        self._left -= len(piece)
        if self._left < 0:
            raise UpstreamBadAnswer(self._source, f"more than {self._limit} bytes of output")
        if self._held <= _HELD_BYTES:
            self._stdout.resume()
        return piece

    async def finish(self) -> Finished:
        """Wait for the end, and return how it ended together with the output that is left."""
        rest = b"".join([piece async for piece in self])
        await self._exited.wait()
        await self._silence()
        return Finished(self._process.wait(), rest, self._error.decode("utf-8", "replace"))

    async def end(self) -> None:
        """End the process and all its children, politely first. Returns when the process is gone."""
        # Until it is collected, its number and that of its group are no one else's. That is done below, or
        # by `finish`, which leaves nothing open and so nothing to be signalled.
        if not self._exited.is_set() or self._stdout.is_open or self._stderr.is_open:
            self._signal(signal.SIGTERM)
            with suppress(TimeoutError):
                async with asyncio.timeout(_GRACE_SECONDS):
                    await self._exited.wait()
            # Children may have outlived it: the group is theirs as long as one is left.
            self._signal(signal.SIGKILL)
            await self._exited.wait()
            # They die a moment later, and then nobody holds standard error. One that left the group might.
            with suppress(TimeoutError):
                async with asyncio.timeout(_GRACE_SECONDS):
                    await self._silence()
        self._process.wait()
        self._stdout.close()
        self._stderr.close()

    async def _silence(self) -> None:
        """Wait until nobody is left who could say something on standard error."""
        while self._stderr.is_open:
            self._news.clear()
            await self._news.wait()

    def _hold(self, data: bytes) -> None:
        """Hold output until it is taken; stop reading when too much is held."""
        if data:
            self._pieces.append(data)
            self._held += len(data)
        if self._held > _HELD_BYTES:
            self._stdout.pause()
        self._news.set()

    def _note(self, data: bytes) -> None:
        self._error += data
        del self._error[:-_ERROR_BYTES]
        self._news.set()

    def _watch_exit(self) -> None:
        loop, watched = asyncio.get_running_loop(), os.pidfd_open(self._process.pid)

        def exited() -> None:
            if os.waitid(os.P_PID, self._process.pid, _LOOK) is not None:
                loop.remove_reader(watched)
                os.close(watched)
                self._exited.set()

        loop.add_reader(watched, exited)

    def _signal(self, number: signal.Signals) -> None:
        # Its own session makes the process id the id of its group.
        with suppress(ProcessLookupError):
            os.killpg(self._process.pid, number)


class _Pipe:
    """The end of a pipe that is read, whenever there is something to read and it is wanted."""

    def __init__(self, file: IO[bytes], take: Callable[[bytes], None]) -> None:
        """Give what is read to ``take``; an empty piece is the end."""
        os.set_blocking(file.fileno(), False)
        self._file = file
        self._take = take
        self._loop = asyncio.get_running_loop()
        self._reading = False
        self.resume()

    @property
    def is_open(self) -> bool:
        """There may be more to come."""
        return not self._file.closed

    def resume(self) -> None:
        """Read on, unless it has ended."""
        if self.is_open and not self._reading:
            self._reading = True
            self._loop.add_reader(self._file, self._read)

    def pause(self) -> None:
        """Leave what comes in the pipe, whose writer waits when it is full."""
        if self._reading:
            self._reading = False
            self._loop.remove_reader(self._file)

    def close(self) -> None:
        """Read no more."""
        self.pause()
        self._file.close()

    def _read(self) -> None:
        try:
            data = os.read(self._file.fileno(), _PIECE_BYTES)
        except BlockingIOError:
            return  # a false alarm
        if not data:
            self.close()
        self._take(data)
