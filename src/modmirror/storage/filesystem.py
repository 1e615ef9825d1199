"""Modules as a GOPROXY tree on disk: ``<escaped path>/@v/{list,V.info,V.mod,V.zip,V.ziphash}``.

The tree is the one the go command keeps in ``cache/download`` (protocol.md A.17): either can take the
other's place. The files are the truth. The database only remembers their digests, and can be lost.
"""

from __future__ import annotations

import asyncio
import contextlib
import errno
import hashlib
import os
import threading
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from itertools import count
from typing import TYPE_CHECKING

from modmirror.errors import StorageBroken, StorageConflict
from modmirror.storage.database import Database
from modmirror.storage.durable import (
    create,
    free_bytes,
    make_directory,
    require_room,
    same_bytes,
    storage_error,
    sync_directory,
    translated,
    write_new,
    write_over,
)
from modmirror.storage.files import FileBlob, FileSpool, PageReader
from modmirror.storage.index import BlobIndex
from modmirror.storage.lists import VersionLists, stored_versions
from modmirror.storage.port import Blob
from modmirror.storage.root import claim_root

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from modmirror.mod.escape import EscapedPath
    from modmirror.storage.port import BlobKey, Spool
    from modmirror.storage.root import StoreRoot

_HASH_BYTES = 1 << 20
_STRIPES = 64


class FilesystemStorage:
    """A store in a directory (``ModuleStorage``). Open it with :meth:`open_store`."""

    database: Database
    """For the documents that live beside the modules; closed with the store."""

    def __init__(
        self, root: StoreRoot, database: Database, lists: VersionLists, *, min_free_bytes: int
    ) -> None:
        """Takes over all three."""
        self.database = database
        self._root = root
        self._prefix = f"{root.path}/"
        self._lists = lists
        self._index = BlobIndex(database)
        self._min_free_bytes = min_free_bytes
        self._numbers = count()
        self._closed = False
        self._pages = PageReader()
        # Apart from each other, so that neither a slow put nor a long hash keeps a reader waiting.
        self._readers = ThreadPoolExecutor(4, "modmirror-read")
        self._hashers = ThreadPoolExecutor(2, "modmirror-hash")
        self._writers = ThreadPoolExecutor(4, "modmirror-put")
        self._hashing: dict[str, asyncio.Future[str]] = {}
        self._directories = threading.Lock()
        self._modules = [threading.Lock() for _ in range(_STRIPES)]

    @classmethod
    async def open_store(cls, path: Path, *, min_free_bytes: int = 0) -> FilesystemStorage:
        """Claim a directory, mend what a crash left behind, and open its database.

        ``database.moved_aside`` then tells whether a damaged database was replaced.

        Raises:
            ConfigError: the directory is unfit or in use by another mirror.
            StorageBroken, StorageFull: it cannot be mended now.
        """
        async with contextlib.AsyncExitStack() as undo:
            root = await asyncio.to_thread(claim_root, path)
            undo.callback(root.release)
            database = await Database.open(root.database)
            undo.push_async_callback(database.close)
            with translated("mend the version lists of the store"):
                lists = await asyncio.to_thread(VersionLists, root)
            undo.pop_all()
        return cls(root, database, lists, min_free_bytes=min_free_bytes)

    async def open(self, key: BlobKey) -> FileBlob | None:
        """Open a stored file without leaving the event loop, unless it has to be hashed first."""
        path = key.path
        try:
            descriptor = os.open(self._prefix + path, os.O_RDONLY)
        except FileNotFoundError:
            self._require_root()
            return None
        except OSError as error:
            if error.errno == errno.ENAMETOOLONG:
                return None  # a valid path that this file system could never hold
            raise storage_error(error, "open a stored file") from error
        try:
            state = os.fstat(descriptor)
            digest = self._index.find(path, state) or await self._hash(path, descriptor, state)
        except BaseException as error:
            os.close(descriptor)
            if isinstance(error, OSError):
                raise storage_error(error, "read a stored file") from error
            raise
        blob = Blob(key, state.st_size, digest, state.st_mtime)
        return FileBlob(blob, descriptor, self._pages, self._readers)

    async def spool(self) -> FileSpool:
        """Start a growing file on the device of the store."""
        require_room(self._root.path, self._min_free_bytes)
        with translated("start a file in the store"):
            return FileSpool(self._staged_name(self._root.spool), min_free_bytes=self._min_free_bytes)

    async def put(self, key: BlobKey, source: bytes | Spool, digest: str, h1: str = "") -> Blob:
        """Store bytes, or a spool of this store without copying it, under a key."""
        loop = asyncio.get_running_loop()
        state = await loop.run_in_executor(self._writers, partial(self._deposit, key, source, h1))
        self._index.remember(key.path, state, digest)
        return Blob(key, state.st_size, digest, state.st_mtime)

    async def versions(self, module: EscapedPath) -> list[str]:
        """List what is on disk now, whoever put it there."""
        loop = asyncio.get_running_loop()
        with translated("list the stored versions of a module"):
            try:
                return await loop.run_in_executor(self._readers, stored_versions, self._root.path, module)
            except FileNotFoundError:
                self._require_root()
                return []
            except OSError as error:
                if error.errno == errno.ENAMETOOLONG:
                    return []
                raise

    async def check(self) -> None:
        """Try what a put needs: room, a synced file, a database that took its latest write."""
        await asyncio.get_running_loop().run_in_executor(self._writers, self._probe)
        if self.database.failure:
            raise self.database.failure

    def free_bytes(self) -> int:
        """Return what the device has left; below ``min_free_bytes`` nothing new is taken."""
        return free_bytes(self._root.path)

    async def close(self) -> None:
        """Finish puts under way, then let go of the database and the directory. Safe to call twice."""
        if self._closed:
            return
        self._closed = True
        for executor in (self._writers, self._hashers, self._readers):
            await asyncio.to_thread(executor.shutdown)
        await self.database.close()
        with translated("close the store"):
            self._lists.close()
            self._root.release()

    # --- on the event loop -----------------------------------------------------------------------

    def _require_root(self) -> None:
        # An unmounted store is an empty directory: absent files must not follow from that.
        if not self._root.is_there():
            raise StorageBroken(
                "the store has gone away", hint="mount or restore storage.path, then restart modmirror"
            )

    async def _hash(self, path: str, descriptor: int, state: os.stat_result) -> str:
        """Hash a file that others put here, once however many ask, and remember it."""
        running = self._hashing.get(path)
        if running is None:
            loop = asyncio.get_running_loop()
            # A descriptor of its own: the one we were given is closed when its client goes away.
            running = loop.run_in_executor(self._hashers, _sha256, os.dup(descriptor))
            self._hashing[path] = running

            def hashed(done: asyncio.Future[str]) -> None:
                del self._hashing[path]
                if not done.cancelled() and not done.exception() and not self._closed:
                    self._index.remember(path, state, done.result())

            running.add_done_callback(hashed)
        return await asyncio.shield(running)

    # --- on the threads of writers ---------------------------------------------------------------

    def _staged_name(self, directory: Path) -> Path:
        return directory / f"{next(self._numbers)}"

    def _deposit(self, key: BlobKey, source: bytes | Spool, h1: str) -> os.stat_result:
        require_room(self._root.path, self._min_free_bytes)
        with translated("store a file"), self._staged(source) as staged:
            final = self._root.path / key.path
            with self._directories:
                make_directory(final.parent)
            with self._modules[hash(key.module) % _STRIPES]:
                if final.exists() and not same_bytes(staged, final):
                    raise StorageConflict(
                        f"{key.path} is already stored with other bytes",
                        hint="the stored bytes were kept; find out who changed a published version",
                    )
                self._place(key, staged, final, h1)
            return final.stat()

    @contextlib.contextmanager
    def _staged(self, source: bytes | Spool) -> Iterator[Path]:
        """Give the source a synced name below the private directory. A spool keeps it on failure."""
        if isinstance(source, FileSpool):
            source.sync()
            staged = source.path
        elif isinstance(source, bytes):
            staged = self._staged_name(self._root.staging)
            write_new(staged, source)
        else:
            raise TypeError(f"not a spool of this store: {type(source).__name__}")
        stored = False
        try:
            yield staged
            stored = True
        finally:
            if stored or isinstance(source, bytes):
                # A name that cannot be taken away changes nothing; the next start sweeps it.
                with contextlib.suppress(OSError):
                    staged.unlink(missing_ok=True)

    def _place(self, key: BlobKey, staged: Path, final: Path, h1: str) -> None:
        """Put a staged file in its place unless it is there, with what belongs to it, or none of it."""
        if key.extension == "mod":
            self._lists.expect(key.module)
        made: list[Path] = []
        try:
            if create(staged, final):
                made.append(final)
            beside = final.with_name(f"{final.name}hash")  # V.zip, V.ziphash
            if h1 and (made or not beside.exists()):
                write_over(self._staged_name(self._root.staging), beside, h1.encode())
                made.append(beside)
            if key.extension == "mod":
                self._lists.rewrite(key.module)
            sync_directory(final.parent)
        except OSError:
            self._take_back(key, made)
            raise
        if key.extension == "mod":
            self._lists.settle(key.module)

    def _take_back(self, key: BlobKey, made: list[Path]) -> None:
        for path in made:
            path.unlink(missing_ok=True)
        if key.extension == "mod":
            # If this fails too, the module stays in the journal and the next start mends its list.
            with contextlib.suppress(OSError):
                self._lists.rewrite(key.module)

    def _probe(self) -> None:
        require_room(self._root.path, self._min_free_bytes)
        self._require_root()
        with translated("write to the store"):
            staged = self._staged_name(self._root.staging)
            write_new(staged, b"probe")
            staged.unlink()


def _sha256(descriptor: int) -> str:
    """Hash a file and close it."""
    with os.fdopen(descriptor, "rb", buffering=0) as file:
        digest = hashlib.sha256()
        offset = 0
        while piece := os.pread(file.fileno(), _HASH_BYTES, offset):
            digest.update(piece)
            offset += len(piece)
    return digest.hexdigest()
