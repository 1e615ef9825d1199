"""What the names of a remote repository point at, asked in the quickest way that its server understands."""

from __future__ import annotations

import asyncio
import hashlib
from typing import TYPE_CHECKING

from modmirror.origin.git.command import Place
from modmirror.origin.git.failures import is_moved, remote_failure
from modmirror.origin.git.refs import RefsReader
from modmirror.origin.processes.process import Bounds

if TYPE_CHECKING:
    from pathlib import Path

    from modmirror.origin.access.git import GitAccess
    from modmirror.origin.git.command import Git
    from modmirror.origin.git.refs import Format, RemoteRefs
    from modmirror.origin.git.source import GitSource
    from modmirror.origin.processes.running import Finished

_MANY_BYTES = 1 << 32
"""More than any listing has: the reader counts lines."""
_SHORT = 64 << 10
"""Listings up to this are read on the event loop, at a megabyte in some tens of milliseconds."""


class RemoteNames:
    """Asks one repository. A listing that has not changed is not read again."""

    def __init__(self, git: Git, source: GitSource, directory: Path, timeout: float) -> None:
        """``directory`` is where git runs, and no repository; ``timeout`` is in seconds for one listing."""
        self._git = git
        self._source = source
        self._place = Place(source.url, directory)
        self._bounds = Bounds(timeout, output_bytes=_MANY_BYTES)
        self._quick: Format | None = "sha1"
        """How a server that lists names without git names objects; None when it does not."""
        self._last: tuple[bytes, RemoteRefs] | None = None
        """Digest of the last quick listing, and what it said."""

    async def ask(self) -> RemoteRefs:
        """Return the names as they are now; the same object as last time if nothing has changed.

        Raises:
            NotExist: there is no such repository, or we may not read it.
            Denied, UpstreamError: as it cannot be asked.
        """
        listing = await self._source.list_names(self._quick) if self._quick else None
        if listing is not None:
            return await self._read(listing)
        names = await self._by_git()
        # Whoever fails both ways may have been down: only a success tells what the server understands.
        self._quick = names.format if self._quick not in {None, names.format} else None
        return names

    async def _read(self, listing: bytes) -> RemoteRefs:
        digest = hashlib.sha256(listing).digest()
        if self._last is None or self._last[0] != digest:
            long = len(listing) > _SHORT
            names = await asyncio.to_thread(self._parse, listing) if long else self._parse(listing)
            self._last = digest, names
        return self._last[1]

    def _parse(self, listing: bytes) -> RemoteRefs:
        reader = RefsReader(self._source.url)
        reader.feed(listing)
        return reader.finish()

    async def _by_git(self) -> RemoteRefs:
        access, finished, reader = await self._ls_remote()
        if finished.code and is_moved(finished) and await self._source.follow():
            access, finished, reader = await self._ls_remote()
        if finished.code:
            raise remote_failure(self._source.url, finished, access, self._source.unreadable)
        return reader.finish()

    async def _ls_remote(self) -> tuple[GitAccess, Finished, RefsReader]:
        access = await self._source.reach()
        reader = RefsReader(self._source.url)
        async with self._git.list_remote(self._place, access, self._bounds) as running:
            async for piece in running:
                reader.feed(piece)
            return access, await running.finish(), reader
