"""A zip that is being filled, as the clients that wait for it see it.

Bytes may go out as they arrive, except the last piece: a zip without its end cannot be opened, so as
long as the end is held back nothing unverified is usable (design.md, "Cut-through fills").
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from modmirror.storage.port import Spool

HELD_BACK_BYTES = 131_072
"""The end of a zip that is released only after verification. A zip's end record with the longest comment
takes 65,557 bytes; twice that also keeps back the tail of the directory before it."""


class Flight:
    """Where one fill stands. Written by the fill, read by any number of readers."""

    def __init__(self, spool: Spool) -> None:
        self.length: int | None = None
        """Whole length, once an upstream declared it or the fill is complete."""
        self.released = 0
        """Bytes that may be given to clients."""
        self.complete = False
        """Everything is verified and released."""
        self.digest = ""
        """SHA-256 of the whole, once complete."""
        self.verified = False
        """The checksum database vouches for it."""
        self.upstream = ""
        """Display name of the upstream that sent it (the first, if several)."""
        self._spool = spool
        self._error: BaseException | None = None
        self._settled = False
        self._readers = 0
        self._changed = asyncio.Event()
        self._answered = asyncio.Event()
        self._landed = asyncio.Event()

    # --- the fill's side ---

    def begin(self, upstream: str, length: int | None) -> None:
        """An upstream has answered with the file."""
        self.upstream = upstream
        self.length = length
        self._answered.set()

    async def answered(self) -> None:
        """Wait until some upstream has the file."""
        await self._answered.wait()

    def advance(self, written: int) -> None:
        """``written`` bytes can be read back from the spool."""
        end = self.length if self.length is not None else written
        self.released = max(self.released, min(written, end - HELD_BACK_BYTES), 0)
        self._notify()

    def finish(self, length: int, digest: str, *, verified: bool) -> None:
        """The whole file has passed its checks."""
        self.length = self.released = length
        self.digest = digest
        self.verified = verified
        self.complete = True
        self._notify()

    def fail(self, error: BaseException) -> None:
        """The fill is over. Unless the file is complete, readers are cut off with ``error``."""
        self._error = error
        self._notify()

    def settle(self) -> None:
        """The fill touches the spool no more; it goes when the last reader does."""
        self._settled = True
        self._landed.set()
        self._drop()

    # --- the clients' side ---

    async def begun(self) -> None:
        """Wait for the first releasable byte or the end. Raises the fill's error if it failed."""
        while not (self.released or self.complete):
            await self._next()

    async def landed(self) -> None:
        """Wait until the fill is over and the file stored. Raises the fill's error if it failed."""
        await self._landed.wait()
        if self._error is not None:
            raise self._error

    def reader(self) -> FlightReader:
        """Open the growing file for one client."""
        self._readers += 1
        return FlightReader(self)

    async def read(self, offset: int, size: int) -> bytes:
        """Return up to ``size`` released bytes at ``offset``, waiting for them; b"" at the end.

        Raises the fill's error as soon as it has failed: nobody needs the rest of a file without an end.
        """
        if self._error is not None and not self.complete:
            raise self._error
        while offset >= self.released:
            if self.complete:
                return b""
            await self._next()
        return self._spool.read(offset, min(size, self.released - offset))

    def leave(self) -> None:
        """One reader less."""
        self._readers -= 1
        self._drop()

    async def _next(self) -> None:
        if self._error is not None:
            raise self._error
        await self._changed.wait()

    def _notify(self) -> None:
        self._changed.set()
        self._changed = asyncio.Event()

    def _drop(self) -> None:
        if not self._settled or self._readers:
            return
        if not self.complete:
            # Tracebacks hold on to the spool until the garbage collector comes by: give its room back now.
            self._spool.truncate()
        self._spool.close()


class FlightReader:
    """One client's view of a growing file (:class:`modmirror.proxy.served.Growing`)."""

    def __init__(self, flight: Flight) -> None:
        self._flight = flight
        self._open = True

    @property
    def length(self) -> int | None:
        """Whole length where known."""
        return self._flight.length

    async def read(self, offset: int, size: int) -> bytes:
        """See :meth:`modmirror.proxy.served.Growing.read`."""
        return await self._flight.read(offset, size)

    def close(self) -> None:
        """This client reads no further."""
        if self._open:
            self._open = False
            self._flight.leave()
