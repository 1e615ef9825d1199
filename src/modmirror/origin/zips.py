"""Makes a module's zip from the files of a commit: archive to disk, choose, write (protocol.md C).

The archive and the zip lie in files without a name while they are needed: a killed process leaves nothing
behind, and memory does not grow with their size.
"""

from __future__ import annotations

import asyncio
import os
import tempfile
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import partial
from typing import IO, TYPE_CHECKING, TypeVar

from modmirror.mod.modzip import MAX_LICENSE_BYTES
from modmirror.mod.tarscan import TarScan
from modmirror.mod.zipbuild import write_zip
from modmirror.mod.zipplan import ZipPlan, plan_zip
from modmirror.origin.keeping.disk import on_disk

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Mapping
    from concurrent.futures import Executor
    from pathlib import Path

    from modmirror.mod.zipbuild import BuiltZip
    from modmirror.mod.zipscan import ScannedEntry
    from modmirror.origin.port import Repository
    from modmirror.origin.resolve.convert import Resolved

T = TypeVar("T")

_BATCH_BYTES = 1 << 20
"""Archive bytes gathered for one turn of a worker thread."""
_LICENSE = "LICENSE"


@dataclass(frozen=True, slots=True)
class MadeZip:
    """A zip on disk, readable until the ``async with`` that made it is left."""

    size: int
    h1: str
    plan: ZipPlan
    scanned: Mapping[int, ScannedEntry]
    """What was hashed while it was written, by offset of the local header."""
    _file: IO[bytes]

    def read(self, offset: int, size: int) -> bytes:
        """Return up to ``size`` bytes at ``offset``. Blocks on the disk."""
        with on_disk("a zip that was just made cannot be read"):
            return os.pread(self._file.fileno(), size, offset)


class ZipMaker:
    """Makes zips in ``directory``, on threads of ``pool``."""

    def __init__(self, directory: Path, pool: Executor) -> None:
        self._directory = directory
        self._pool = pool

    @asynccontextmanager
    async def make(self, repository: Repository, resolved: Resolved) -> AsyncIterator[MadeZip]:
        """Make the zip of a version.

        Raises:
            NotExist: its files cannot be a module zip; the text names them and what to do.
            UpstreamError, StorageError: the repository or the disk failed.
        """
        with self._file() as archive, self._file() as file:
            plan = await self._plan(repository, resolved, archive)
            built = await self._work(_write, plan, archive, file)
            yield MadeZip(built.size, built.h1, plan, built.scanned, file)

    async def plan(self, repository: Repository, resolved: Resolved) -> ZipPlan:
        """Choose the files of a version's zip without writing it. Raises as :meth:`make`."""
        with self._file() as archive:
            return await self._plan(repository, resolved, archive)

    async def _plan(self, repository: Repository, resolved: Resolved, archive: IO[bytes]) -> ZipPlan:
        scan = TarScan(repository.url, resolved.directory)
        async with repository.archive(resolved.commit.id, resolved.directory) as pieces:
            await self._keep(pieces, archive, scan)
        inherited = None
        if resolved.directory:
            inherited = await repository.read(resolved.commit.id, _LICENSE, MAX_LICENSE_BYTES)
        read_at = partial(_read_at, archive)
        return await self._work(
            plan_zip, resolved.module, resolved.version, scan.finish(), read_at, inherited
        )

    async def _keep(self, pieces: AsyncIterator[bytes], archive: IO[bytes], scan: TarScan) -> None:
        gathered: list[bytes] = []
        size = 0
        async for piece in pieces:
            gathered.append(piece)
            size += len(piece)
            if size >= _BATCH_BYTES:
                await self._work(_take, b"".join(gathered), archive, scan)
                gathered, size = [], 0
        await self._work(_take, b"".join(gathered), archive, scan)

    def _file(self) -> IO[bytes]:
        with on_disk("there is no room to make a zip"):
            self._directory.mkdir(parents=True, exist_ok=True)
            return tempfile.TemporaryFile(dir=self._directory, buffering=0)

    async def _work(self, work: Callable[..., T], *arguments: object) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._pool, work, *arguments)


def _take(data: bytes, archive: IO[bytes], scan: TarScan) -> None:
    scan.feed(data)  # first: what is refused need not be written
    with on_disk("an archive cannot be kept"):
        _write_whole(archive, data)


def _read_at(archive: IO[bytes], offset: int, size: int) -> bytes:
    with on_disk("a kept archive cannot be read"):
        return os.pread(archive.fileno(), size, offset)


def _write(plan: ZipPlan, archive: IO[bytes], file: IO[bytes]) -> BuiltZip:
    def write(data: bytes) -> None:
        with on_disk("a zip cannot be written"):
            _write_whole(file, data)

    return write_zip(plan, partial(_read_at, archive), write)


def _write_whole(file: IO[bytes], data: bytes) -> None:
    view = memoryview(data)
    while view:
        view = view[file.write(view) :]
