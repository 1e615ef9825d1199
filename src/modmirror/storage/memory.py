"""Modules in memory, gone at exit: for tests and for trying modmirror out."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from modmirror.errors import StorageConflict
from modmirror.storage.lists import listed_versions
from modmirror.storage.port import Blob

if TYPE_CHECKING:
    from collections.abc import Callable

    from modmirror.mod.escape import EscapedPath
    from modmirror.storage.port import BlobKey, Spool


class MemoryBlob:
    """Stored bytes, open for reading (``OpenBlob``)."""

    __slots__ = ("_data", "blob", "descriptor")

    def __init__(self, blob: Blob, data: bytes) -> None:
        self.blob = blob
        self._data = data
        self.descriptor = None

    def read_now(self, offset: int, size: int) -> bytes:
        """Return up to ``size`` bytes; memory never waits."""
        return self._data[offset : offset + size]

    async def read(self, offset: int, size: int) -> bytes:
        """Return up to ``size`` bytes."""
        return self._data[offset : offset + size]

    def close(self) -> None:
        """Nothing to give back: the bytes belong to the store."""


class MemorySpool:
    """A growing run of bytes (``Spool``)."""

    def __init__(self) -> None:
        self._data = bytearray()

    def write(self, data: bytes) -> None:
        """Append."""
        self._data += data

    def read(self, offset: int, size: int) -> bytes:
        """Return up to ``size`` bytes already written at ``offset``."""
        # A slice, not a memoryview: a view held here would forbid the writer's thread to grow the array.
        return bytes(self._data[offset : offset + size])

    def truncate(self) -> None:
        """Forget everything written."""
        self._data = bytearray()

    def close(self) -> None:
        """Leave the bytes to whoever still reads; the last one frees them."""


class MemoryStorage:
    """A store in memory (``ModuleStorage``)."""

    def __init__(self, clock: Callable[[], float] = time.time) -> None:
        self._clock = clock
        self._modules: dict[str, dict[str, MemoryBlob]] = {}

    async def open(self, key: BlobKey) -> MemoryBlob | None:
        """Open a stored file, or return None."""
        return self._modules.get(key.module, {}).get(_name(key))

    async def spool(self) -> MemorySpool:
        """Start a growing run of bytes."""
        return MemorySpool()

    async def put(self, key: BlobKey, source: bytes | Spool, digest: str, h1: str = "") -> Blob:  # noqa: ARG002 - no .ziphash in memory
        """Store bytes under a key: compare or create."""
        data = source if isinstance(source, bytes) else _drain(source)
        stored = self._modules.setdefault(key.module, {}).setdefault(
            _name(key), MemoryBlob(Blob(key, len(data), digest, self._clock()), data)
        )
        if stored.read_now(0, stored.blob.size) != data:
            raise StorageConflict(
                f"{key.path} is already stored with other bytes",
                hint="the stored bytes were kept; find out who changed a published version",
            )
        return stored.blob

    async def versions(self, module: EscapedPath) -> list[str]:
        """Return the versions with a stored ``.mod``."""
        return listed_versions(self._modules.get(module, {}))

    async def check(self) -> None:
        """Memory takes puts until the process has none left; there is nothing to try."""

    async def close(self) -> None:
        """Forget everything; open files stay readable."""
        self._modules.clear()


def _name(key: BlobKey) -> str:
    return f"{key.version}.{key.extension}"


def _drain(spool: Spool) -> bytes:
    pieces = []
    offset = 0
    while piece := spool.read(offset, 1 << 20):
        pieces.append(piece)
        offset += len(piece)
    return b"".join(pieces)
