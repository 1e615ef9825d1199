"""Scans a zip in several places at once, while it is still arriving.

One thread cannot inflate what a fast line brings. Nobody knows where an entry begins before all entries in
front of it have been inflated, but a scan may guess: what it says is tied to an offset, and counts only if
the directory names that offset in the end. So the file is cut into sections, and each is scanned from the
first bytes in it that look like a local header. A wrong guess costs time, nothing else.

Scans read what has been written already. They hold nothing up, and nothing waits in memory for them.
"""

from __future__ import annotations

import asyncio
from functools import partial
from typing import TYPE_CHECKING, TypeAlias

from modmirror.mod.zipdir import LOCAL_SIGNATURE
from modmirror.mod.zipscan import Allowance, ZipScan

if TYPE_CHECKING:
    from collections.abc import Mapping
    from concurrent.futures import Executor

    from modmirror.mod.zipscan import ScannedEntry
    from modmirror.storage.port import Spool

Scanned: TypeAlias = "Mapping[int, ScannedEntry]"
"""What was learnt, by offset of the local header."""

SECTION_BYTES = 524_288
"""Small enough that the last one takes only milliseconds after the last byte has come."""
MAX_OPEN = 8
"""Sections of one file that are scanned or wait for the rest of an entry: a share of the threads, and a
bound for what a file can cost that is all beginnings and no ends."""
_READ_BYTES = 262_144
_OVERLAP = len(LOCAL_SIGNATURE) - 1


class _Section:
    """The entries whose headers begin in one section. Its last entry may reach far beyond it."""

    def __init__(self, start: int, allowance: Allowance) -> None:
        self.wants = start + SECTION_BYTES + _OVERLAP
        """Bytes of the file that must be there before going on is worth a thread's while."""
        self.busy = False
        self._at = start
        self._stop = start + SECTION_BYTES
        self._allowance = allowance
        self._scan: ZipScan | None = None

    def go_on(self, spool: Spool, available: int, *, whole: bool) -> Scanned | None:
        """Scan what there is, in a worker thread; return what was learnt, or None if more may follow."""
        scan = self._scan or self._begin(spool)
        while not scan.stopped and self._at < available:
            data = spool.read(self._at, min(_READ_BYTES, available - self._at))
            if not data:
                return {}  # the fill was given up, and the spool emptied
            scan.feed(data)
            self._at += len(data)
        self.wants = self._at + _READ_BYTES
        return scan.scanned if whole or scan.stopped else None

    def _begin(self, spool: Spool) -> ZipScan:
        found = spool.read(self._at, SECTION_BYTES + _OVERLAP).find(LOCAL_SIGNATURE)
        self._at = self._at + found if found >= 0 else self._stop
        self._scan = ZipScan(self._at, self._stop, self._allowance)
        self._scan.stopped = found < 0
        return self._scan


class Scanning:
    """The scans of one growing file. For the event loop; the work is done in ``pool``."""

    def __init__(self, spool: Spool, pool: Executor) -> None:
        self._spool = spool
        self._pool = pool
        self._allowance = Allowance()
        self._scanned: dict[int, ScannedEntry] = {}
        self._open: list[_Section] = []
        self._jobs: set[asyncio.Future[Scanned | None]] = set()
        self._next = 0
        """Where the first section begins that has not been opened."""
        self._available = 0
        self._whole = False
        self._given_up = False
        self._failure: BaseException | None = None

    def advance(self, available: int) -> None:
        """So many bytes can be read now."""
        self._available = available
        self._go_on()

    async def finish(self) -> Scanned:
        """Scan the rest, now that the file is whole.

        Raises StorageBroken when the spool cannot be read.
        """
        self._whole = True
        self._go_on()
        await self._idle()
        if self._failure is not None:
            raise self._failure
        return self._scanned

    def give_up(self) -> None:
        """Begin nothing any more: nobody will ask what was learnt. Safe to call twice."""
        self._given_up = True

    async def give_up_and_wait(self) -> None:
        """As :meth:`give_up`; afterwards nothing reads the spool."""
        self.give_up()
        await self._idle()

    async def _idle(self) -> None:
        while self._jobs:
            await asyncio.wait(self._jobs)

    def _go_on(self) -> None:
        """Give work to the pool, as far as there is some."""
        if self._given_up or self._failure is not None:
            return
        while len(self._open) < MAX_OPEN and self._has_section():
            self._open.append(_Section(self._next, self._allowance))
            self._next += SECTION_BYTES
        for section in self._open:
            if not section.busy and (self._whole or section.wants <= self._available):
                self._submit(section)

    def _has_section(self) -> bool:
        stop = self._next + SECTION_BYTES + _OVERLAP
        return stop <= self._available or (self._whole and self._next < self._available)

    def _submit(self, section: _Section) -> None:
        def worked(job: asyncio.Future[Scanned | None]) -> None:
            self._jobs.discard(job)
            section.busy = False
            self._take_in(section, job)

        section.busy = True
        work = partial(section.go_on, self._spool, self._available, whole=self._whole)
        job = asyncio.get_running_loop().run_in_executor(self._pool, work)
        self._jobs.add(job)
        job.add_done_callback(worked)

    def _take_in(self, section: _Section, job: asyncio.Future[Scanned | None]) -> None:
        if job.cancelled():
            self._given_up = True
        elif (failure := job.exception()) is not None:
            self._failure = failure
        else:
            scanned = job.result()
            if scanned is not None:
                self._open.remove(section)
                self._scanned.update(scanned)
            self._go_on()
