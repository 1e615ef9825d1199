"""Open files of the store: stored ones that are read, and growing ones that are written and read.

Both are plain descriptors read by position. A hit is read inside the event loop, but only what the kernel
already holds in memory (``RWF_NOWAIT``); whatever must come from a disk is read by a thread.
"""

from __future__ import annotations

import asyncio
import errno
import os
import weakref
from typing import TYPE_CHECKING

from modmirror.errors import StorageBroken
from modmirror.storage.durable import require_room, storage_error, translated, write_all

if TYPE_CHECKING:
    from concurrent.futures import Executor
    from pathlib import Path

    from modmirror.storage.port import Blob

_SCRATCH_BYTES = 262_144
_ROOM_EVERY_BYTES = 16_777_216
_NO_FLAG = frozenset({errno.EOPNOTSUPP, errno.ENOTSUP, errno.EINVAL, errno.ENOSYS})


class PageReader:
    """Reads what is in memory already. One a store; for the event loop only, as its buffer is shared."""

    def __init__(self) -> None:
        self._buffer = bytearray(_SCRATCH_BYTES)
        self._view = memoryview(self._buffer)
        # Absent outside Linux; some file systems refuse it. Then a plain read has to do.
        self._flag: int = getattr(os, "RWF_NOWAIT", 0)

    def read(self, descriptor: int, offset: int, size: int) -> bytes | None:
        """Return up to ``size`` bytes, at most 256 KiB; None if that would wait for a disk."""
        if not self._flag:
            return os.pread(descriptor, size, offset)
        target = self._buffer if size >= _SCRATCH_BYTES else self._view[:size]
        try:
            got = os.preadv(descriptor, (target,), offset, self._flag)
        except BlockingIOError:
            return None
        except OSError as error:
            if error.errno not in _NO_FLAG:
                raise
            self._flag = 0
            return os.pread(descriptor, size, offset)
        return bytes(self._view[:got])


class FileBlob:
    """A stored file, open for reading (``OpenBlob``)."""

    __slots__ = ("_descriptor", "_executor", "_pages", "blob")

    def __init__(self, blob: Blob, descriptor: int, pages: PageReader, executor: Executor) -> None:
        """Takes over the descriptor."""
        self.blob = blob
        self._descriptor = descriptor
        self._pages = pages
        self._executor = executor

    @property
    def descriptor(self) -> int:
        """The descriptor, for sendfile."""
        return self._descriptor

    def read_now(self, offset: int, size: int) -> bytes | None:
        """Return up to ``size`` bytes, at most 256 KiB, if the kernel has them at hand."""
        try:
            data = self._pages.read(self._descriptor, offset, size)
        except OSError as error:
            raise storage_error(error, "read a stored file") from error
        if not data and size and offset < self.blob.size:
            return None  # never a false end: let read() find out
        return data

    async def read(self, offset: int, size: int) -> bytes:
        """Return up to ``size`` bytes, from a thread that fills do not share.

        Raises:
            StorageBroken: the device failed, or somebody cut the file short.
        """
        with translated("read a stored file"):
            data = await asyncio.get_running_loop().run_in_executor(
                self._executor, os.pread, self._descriptor, size, offset
            )
        if not data and size and offset < self.blob.size:
            raise StorageBroken(f"{self.blob.key.path} is shorter on disk than it was")
        return data

    def close(self) -> None:
        """Give the descriptor back. Safe to call twice."""
        descriptor, self._descriptor = self._descriptor, -1
        if descriptor >= 0:
            os.close(descriptor)


class FileSpool:
    """A growing file (``Spool``). Its bytes can be read as long as anyone holds the object."""

    def __init__(self, path: Path, *, min_free_bytes: int) -> None:
        """Create the file. Raises OSError."""
        self.path = path
        self.size = 0
        self._min_free_bytes = min_free_bytes
        self._descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o666)
        # Clients may still be reading when the fill lets go, so the last holder closes the descriptor.
        self._finalizer = weakref.finalize(self, os.close, self._descriptor)

    def write(self, data: bytes) -> None:
        """Append. Raises StorageFull before the device has less left than the store must keep."""
        end = self.size + len(data)
        if end // _ROOM_EVERY_BYTES != self.size // _ROOM_EVERY_BYTES:
            require_room(self.path.parent, self._min_free_bytes)
        with translated("write to the store"):
            write_all(self._descriptor, data, self.size)
        self.size = end

    def read(self, offset: int, size: int) -> bytes:
        """Return up to ``size`` bytes already written at ``offset``."""
        with translated("read a file that is being fetched"):
            return os.pread(self._descriptor, min(size, max(0, self.size - offset)), offset)

    def truncate(self) -> None:
        """Forget everything written, to start again at 0."""
        with translated("write to the store"):
            os.ftruncate(self._descriptor, 0)
        self.size = 0

    def sync(self) -> None:
        """Make the bytes survive a power cut. Blocks; raises OSError."""
        os.fsync(self._descriptor)

    def close(self) -> None:
        """Take the spool's own name away; a stored file keeps the one it was given."""
        with translated("remove a file that was being fetched"):
            self.path.unlink(missing_ok=True)
