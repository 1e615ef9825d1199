"""Takes in a zip as it arrives: writes, hashes and scans it off the event loop.

What clients wait for depends on writing alone; scans follow at their own pace (``proxy/scanning.py``).

Network chunks are small and a thread hop costs as much as hashing one of them, so chunks are gathered
while the previous batch is being worked on. Nothing waits for a batch to fill: when the worker is idle
the first chunk goes at once, because a client is waiting for its first byte.
"""

from __future__ import annotations

import asyncio
import hashlib
from typing import TYPE_CHECKING

from modmirror.proxy.scanning import Scanning

if TYPE_CHECKING:
    from collections.abc import Callable
    from concurrent.futures import Executor

    from modmirror.proxy.scanning import Scanned
    from modmirror.storage.port import Spool

BATCH_BYTES = 1_048_576
"""Received but unwritten bytes at which the sender is made to wait: bounds the memory of one fill."""


class Intake:
    """One growing file. ``progress`` is told on the event loop how many bytes can be read back."""

    def __init__(
        self, spool: Spool, pool: Executor, scanners: Executor, progress: Callable[[int], None]
    ) -> None:
        """Write in ``pool``, and inflate in ``scanners``."""
        self.received = 0
        """Bytes fed so far."""
        self._spool = spool
        self._pool = pool
        self._scanners = scanners
        self._progress = progress
        self._reset()

    def _reset(self) -> None:
        self._written = 0
        self._digest = hashlib.sha256()
        self._scanning = Scanning(self._spool, self._scanners)
        self._known: Scanned | None = None
        self._pending: list[bytes] = []
        self._pending_size = 0
        self._job: asyncio.Future[int] | None = None
        self._failure: BaseException | None = None

    def know(self, scanned: Scanned | None) -> None:
        """Take what the sender has hashed itself instead of scanning; None to scan from the first byte on.

        Call before the bytes are fed that it is about: all, from the beginning of the file.
        """
        self._known = scanned

    async def feed(self, data: bytes) -> None:
        """Take the next bytes. Raises StorageFull or StorageBroken from writing them."""
        self._pending.append(data)
        self._pending_size += len(data)
        self.received += len(data)
        if self._job is None:
            self._submit()
        while self._job is not None and self._pending_size >= BATCH_BYTES:
            await asyncio.wait((self._job,))
        self._raise()

    async def flush(self) -> None:
        """Wait until everything fed has been written and hashed."""
        while self._job is not None:
            await asyncio.wait((self._job,))
        self._raise()

    async def restart(self) -> None:
        """Forget everything taken in; only before any of it was given to a client."""
        while self._job is not None:
            await asyncio.wait((self._job,))
        await self._scanning.give_up_and_wait()
        await asyncio.get_running_loop().run_in_executor(self._pool, self._spool.truncate)
        self.received = 0
        self._reset()

    def matches(self, offset: int, data: bytes) -> bool:
        """Say whether ``data`` equals what was taken in at ``offset``. Call after ``flush``."""
        return self._spool.read(offset, len(data)) == data

    @property
    def digest(self) -> str:
        """SHA-256 of the whole, lower-case hex. Call after ``flush``."""
        return self._digest.hexdigest()

    async def scanned(self) -> Scanned:
        """Return what was learnt of the zip's entries on the way. Call once, after ``flush``."""
        return await self._scanning.finish() if self._known is None else self._known

    def give_up(self) -> None:
        """Nothing more will be asked of this intake: let its scans end early."""
        self._scanning.give_up()

    def _submit(self) -> None:
        batch, self._pending, self._pending_size = self._pending, [], 0
        job = asyncio.get_running_loop().run_in_executor(self._pool, self._work, batch)
        job.add_done_callback(self._worked)
        self._job = job

    def _work(self, batch: list[bytes]) -> int:
        data = batch[0] if len(batch) == 1 else b"".join(batch)
        self._spool.write(data)
        self._digest.update(data)
        return len(data)

    def _worked(self, job: asyncio.Future[int]) -> None:
        self._job = None
        if job.cancelled():
            return
        if (failure := job.exception()) is not None:
            self._failure = failure
            return
        self._written += job.result()
        self._progress(self._written)
        if self._known is None:
            self._scanning.advance(self._written)
        if self._pending:
            self._submit()

    def _raise(self) -> None:
        if self._failure is not None:
            raise self._failure
