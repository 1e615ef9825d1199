"""Repositories kept on disk between questions, within a bound, the least recently used going first.

Each has a directory named by a hash, so that names nest and traverse nowhere (protocol.md D.7). It is made
under another name and renamed, and removed the same way round: what a killed process leaves behind is whole
or is swept at the next start. While a tool writes, a lock is held on the directory that the tool and its
children inherit. A child that outlives a killed mirror still keeps others from writing; and once the lock
can be had, every lock file that git left there is known to be stale.
"""

from __future__ import annotations

import asyncio
import fcntl
import hashlib
import os
import re
import secrets
import shutil
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeVar

from modmirror.errors import UpstreamBusy
from modmirror.origin.keeping.disk import on_disk
from modmirror.origin.processes.orphans import end_orphans
from modmirror.telemetry.events import NullEvents

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable
    from pathlib import Path

    from modmirror.telemetry.events import Events

T = TypeVar("T")

_NAME = re.compile(r"[0-9a-f]{64}")
_USED = "modmirror-used"
"""A file whose time says when the repository was last used."""
_TOUCH_SECONDS = 60.0
_LOCK_POLL_SECONDS = 0.05
_THREADS = 4
"""Of our own: nothing that serves stored files waits behind the removal of a large directory."""


@dataclass(eq=False, slots=True)
class Kept:
    """One kept repository. As long as this object is handed out, its directory stays."""

    directory: Path
    source: str
    """Where it comes from, as errors name it."""
    size: int = 0
    """Bytes on disk when last measured."""
    used: float = 0.0
    """When it was last used, seconds since the epoch."""
    users: int = 0
    ready: bool = False
    """The directory is known to be there."""
    clean: bool = False
    """No write has ended early since it was last mended."""
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)


class KeptRepositories:
    """The directory of kept repositories."""

    def __init__(
        self,
        root: Path,
        max_bytes: int,
        *,
        events: Events | None = None,
        now: Callable[[], float] = time.time,
        lock_timeout: float = 30.0,
    ) -> None:
        """Keep repositories in ``root``, together not much larger than ``max_bytes``."""
        self.root = root
        self.max_bytes = max_bytes
        self._events = events or NullEvents()
        self._now = now
        self._lock_timeout = lock_timeout
        self._entries: dict[str, Kept] = {}
        self._pool = ThreadPoolExecutor(_THREADS, thread_name_prefix="kept")

    def open(self) -> None:
        """Make the directory, sweep what a killed process left half made or running, and measure the rest.

        Raises:
            StorageBroken: the directory cannot be made or read.
        """
        with on_disk("the directory of kept repositories cannot be opened"):
            self.root.mkdir(parents=True, exist_ok=True, mode=0o700)
            ended = end_orphans()
            if ended:
                self._events.warning("tools of a killed mirror ended", processes=ended)
            for path in self.root.iterdir():
                if path.name.startswith((".new-", ".old-")):
                    _remove(path)
                elif _NAME.fullmatch(path.name):
                    self._entries[path.name] = Kept(path, "", _size(path), _used(path), ready=True)

    def close(self) -> None:
        """Let removals end."""
        self._pool.shutdown()

    @property
    def used_bytes(self) -> int:
        """What all of them use on disk, as last measured."""
        return sum(kept.size for kept in self._entries.values())

    def find(self, vcs: str, url: str) -> Path | None:
        """Return the directory of a repository that is kept, without using it."""
        kept = self._entries.get(_name_of(vcs, url))
        return kept.directory if kept is not None and kept.ready else None

    @asynccontextmanager
    async def use(self, vcs: str, url: str, make: Callable[[Path], Awaitable[None]]) -> AsyncIterator[Kept]:
        """Hand out a repository, made by ``make`` in an empty directory if it is not there.

        Raises:
            StorageError: the disk failed; and whatever ``make`` raises.
        """
        name = _name_of(vcs, url)
        kept = self._entries.get(name)
        if kept is None:
            kept = self._entries[name] = Kept(self.root / name, url)
        kept.source = url
        kept.users += 1
        try:
            if not kept.ready:
                async with kept.lock:
                    await self._make(kept, make)
            await self._touch(kept)
            yield kept
        finally:
            kept.users -= 1

    @asynccontextmanager
    async def writing(self, kept: Kept, mend: Callable[[Path], None]) -> AsyncIterator[int]:
        """Let the body, and nobody else, write into a repository that is in use.

        Yields a file descriptor that every tool started by the body must keep open. ``mend`` is called
        before, in a thread, when the last write may have been cut off: it removes lock files and the like.

        Raises:
            UpstreamBusy: a tool that a killed mirror left behind is still writing.
            StorageError: the disk failed.
        """
        kept.users += 1  # the work may outlive the caller who began it
        try:
            async with kept.lock:
                held = await self._locked(kept)
                try:
                    if not kept.clean:
                        await self._work(mend, kept.directory)
                    kept.clean = False
                    yield held
                    kept.clean = True
                finally:
                    if not kept.clean:
                        await asyncio.shield(self._work(mend, kept.directory))
                    # Closed, not unlocked: a child that still runs keeps the lock.
                    os.close(held)
                    await asyncio.shield(self._measure(kept))
        finally:
            kept.users -= 1

    async def load(self, directory: Path, name: str) -> bytes:
        """Return what :meth:`store` put beside a repository, empty if nothing."""
        return await self._work(_load, directory / name)

    async def store(self, kept: Kept, name: str, data: bytes) -> None:
        """Put a small file beside a repository that is in use, whole or not at all."""
        with on_disk(f"the kept copy of {kept.source} cannot be written"), suppress(FileNotFoundError):
            await self._work(_store, kept.directory / name, data)

    @asynccontextmanager
    async def scratch(self, source: str) -> AsyncIterator[Path]:
        """Lend an empty directory that is not kept; it goes at the end, or at the next start.

        Raises:
            StorageError: the disk failed.
        """
        fresh = self.root / f".new-{secrets.token_hex(8)}"
        with on_disk(f"files of {source} cannot be written"):
            fresh.mkdir(mode=0o700)
        try:
            yield fresh
        finally:
            await asyncio.shield(self._work(_remove, fresh))

    async def discard(self, kept: Kept) -> None:
        """Remove a repository, because it is unused or cannot be trusted. The next user gets a new one."""
        kept.ready = False
        if self._entries.get(kept.directory.name) is kept:
            del self._entries[kept.directory.name]
            old = self.root / f".old-{secrets.token_hex(8)}"
            with on_disk(f"the kept copy of {kept.source} cannot be removed"), suppress(FileNotFoundError):
                kept.directory.rename(old)
                await self._work(_remove, old)

    async def _make(self, kept: Kept, make: Callable[[Path], Awaitable[None]]) -> None:
        if kept.ready:
            return  # somebody else was quicker
        fresh = self.root / f".new-{secrets.token_hex(8)}"
        with on_disk(f"{kept.source} cannot be kept"):
            if kept.directory.exists():
                # Another mirror with this directory was quicker, and what has its final name is whole.
                kept.ready = True
                return
            fresh.mkdir(mode=0o700)
            try:
                await make(fresh)
                fresh.rename(kept.directory)
            except BaseException:
                await asyncio.shield(self._work(_remove, fresh))
                raise
        kept.ready = kept.clean = True
        # Here, so that whoever made it goes on together with those who waited.
        await self._touch(kept)

    async def _touch(self, kept: Kept) -> None:
        now = self._now()
        noted, kept.used = kept.used, now
        if now - noted >= _TOUCH_SECONDS:
            await self._work(_touch, kept.directory, now)

    async def _locked(self, kept: Kept) -> int:
        with on_disk(f"the kept copy of {kept.source} cannot be opened"):
            held = os.open(kept.directory, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        waited = 0.0
        while True:
            try:
                fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                if waited >= self._lock_timeout:
                    os.close(held)
                    reason = "a fetch from before the last restart is still running"
                    raise UpstreamBusy(kept.source, reason, retry_after=30.0) from None
            else:
                return held
            waited += _LOCK_POLL_SECONDS
            await asyncio.sleep(_LOCK_POLL_SECONDS)

    async def _measure(self, written: Kept) -> None:
        written.size = await self._work(_size, written.directory)
        unused = (kept for kept in self._entries.values() if kept.ready and not kept.users)
        for kept in sorted(unused, key=lambda kept: kept.used):
            if self.used_bytes <= self.max_bytes:
                return
            if not kept.users:  # since the one before was removed
                self._events.info("kept repository removed", source=kept.source, bytes=kept.size)
                await self.discard(kept)

    async def _work(self, work: Callable[..., T], *arguments: object) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._pool, work, *arguments)


def _name_of(vcs: str, url: str) -> str:
    return hashlib.sha256(f"{vcs}:{url}".encode()).hexdigest()


def _size(directory: Path) -> int:
    """Return the bytes on disk; what vanishes meanwhile counts nothing."""
    found = 0
    for folder, _, files in os.walk(directory):
        for name in files:
            with suppress(FileNotFoundError):
                found += os.lstat(f"{folder}/{name}").st_blocks * 512
    return found


def _used(directory: Path) -> float:
    try:
        return (directory / _USED).stat().st_mtime
    except FileNotFoundError:
        return 0.0


def _touch(directory: Path, when: float) -> None:
    with suppress(FileNotFoundError):
        (directory / _USED).touch()
        os.utime(directory / _USED, (when, when))


def _remove(directory: Path) -> None:
    shutil.rmtree(directory, ignore_errors=True)


def _load(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except FileNotFoundError:
        return b""


def _store(path: Path, data: bytes) -> None:
    fresh = path.with_name(f"{path.name}.new")
    fresh.write_bytes(data)
    fresh.replace(path)
