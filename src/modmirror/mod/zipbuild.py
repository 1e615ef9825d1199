"""Writes a module zip from a kept tar archive, and hashes it on the way (protocol.md C.5).

Which files go in has been decided (:mod:`modmirror.mod.zipplan`). Memory does not grow with their size.
"""

from __future__ import annotations

import hashlib
import struct
from typing import TYPE_CHECKING, NamedTuple

from zlib_ng import zlib_ng

from modmirror.errors import NotExist, StorageBroken
from modmirror.mod.dirhash import h1_of
from modmirror.mod.modzip import MAX_ZIP_BYTES
from modmirror.mod.zipdir import DEFLATED, DESCRIPTOR_SIGNATURE, HAS_DESCRIPTOR, LOCAL_SIGNATURE
from modmirror.mod.zipscan import ScannedEntry

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from modmirror.mod.tarscan import TarMember
    from modmirror.mod.zipdir import ReadAt
    from modmirror.mod.zipplan import ZipPlan

    Write = Callable[[bytes], object]
    """Takes the next bytes of the zip; all of them, or raises."""

LEVEL = 5
"""Of zlib-ng. On Go source within half a percent of the size of level 6, in four fifths of its time; the
levels below save little more time, and a zip is sent more often than it is made."""

_PIECE_BYTES = 262_144
_WINDOW_BYTES = 1 << 20
"""Read at once: files lie in the archive in the order of the zip, and most are small."""
_RAW_DEFLATE = -15
_NEEDED = 20
"""Version 2.0 of the format, which has deflate and directories."""
_FLAGS = HAS_DESCRIPTOR | 0x0800
"""Sizes come behind the content; names are UTF-8."""
_MAX16 = 0xFFFF

_LOCAL = struct.Struct("<4sHHH4xIIIHH")
_DESCRIPTOR = struct.Struct("<4sIII")
_CENTRAL = struct.Struct("<4sHHHH4xIIIH12xI")
_CENTRAL_SIGNATURE = b"PK\x01\x02"
_END64 = struct.Struct("<4sQHHIIQQQQ")
_LOCATOR64 = struct.Struct("<4sIQI")
_END = struct.Struct("<4sHHHHIIH")


class BuiltZip(NamedTuple):
    """What has been written."""

    h1: str
    size: int
    scanned: Mapping[int, ScannedEntry]
    """What a :class:`~modmirror.mod.zipscan.ZipScan` would learn of it: all was hashed on the way."""


def write_zip(plan: ZipPlan, read_at: ReadAt, write: Write) -> BuiltZip:
    """Write the zip that ``plan`` describes. ``read_at`` reads the archive that it was made for.

    Raises:
        NotExist: the zip would be longer than a client reads. What has been written is worthless then.
        StorageBroken: the kept archive is shorter than it was.
    """
    writer = _ZipWriter(plan.module_version, write)
    archive = _Archive(read_at)
    for file in plan.files:
        small = file.size <= _PIECE_BYTES
        writer.add(file.path, archive.read(file.offset, file.size) if small else archive.pieces(file))
    if plan.inherited is not None:
        writer.add("LICENSE", plan.inherited)
    return writer.close()


class _Archive:
    """The archive, read ahead: small files cost more in calls than in bytes."""

    def __init__(self, read_at: ReadAt) -> None:
        self._read_at = read_at
        self._start = 0
        self._window = b""

    def read(self, offset: int, size: int) -> bytes:
        """Return ``size`` bytes at ``offset``, or raise StorageBroken."""
        at = offset - self._start
        if at < 0 or at + size > len(self._window):
            self._window = self._read_at(offset, max(size, _WINDOW_BYTES))
            self._start, at = offset, 0
            if len(self._window) < size:
                raise StorageBroken("a kept archive is shorter than it was")
        return self._window[at : at + size]

    def pieces(self, file: TarMember) -> Iterator[bytes]:
        """Return the content of a large file."""
        for at in range(0, file.size, _PIECE_BYTES):
            yield self.read(file.offset + at, min(_PIECE_BYTES, file.size - at))


class _Measures(NamedTuple):
    """What the zip says of a file's content, and its hash."""

    crc: int
    compressed_size: int
    size: int
    sha256: bytes


class _ZipWriter:
    """The zip so far: what is not yet written, and what its directory will say."""

    def __init__(self, module_version: str, write: Write) -> None:
        self._module_version = module_version
        self._write = write
        self._pending = bytearray()
        self._size = 0
        self._directory = bytearray()
        self._scanned: dict[int, ScannedEntry] = {}

    def add(self, path: str, content: bytes | Iterator[bytes]) -> None:
        """Append a file, as the go command does: deflated, without time or mode."""
        name = f"{self._module_version}/{path}".encode()
        start = self._size
        self._put(_LOCAL.pack(LOCAL_SIGNATURE, _NEEDED, _FLAGS, DEFLATED, 0, 0, 0, len(name), 0), name)
        put = self._put_small(content) if isinstance(content, bytes) else self._put_large(content)
        measures = (put.crc, put.compressed_size, put.size)
        self._put(_DESCRIPTOR.pack(DESCRIPTOR_SIGNATURE, *measures))
        self._directory += _CENTRAL.pack(
            _CENTRAL_SIGNATURE, _NEEDED, _NEEDED, _FLAGS, DEFLATED, *measures, len(name), start
        )
        self._directory += name
        self._scanned[start] = ScannedEntry(
            name, DEFLATED, _FLAGS, put.sha256, put.compressed_size, put.size, put.crc, self._size - start
        )

    def _put_small(self, content: bytes) -> _Measures:
        # In one call: threads that make zips side by side meet at the interpreter's lock after each.
        deflated = zlib_ng.compress(content, LEVEL, _RAW_DEFLATE)
        self._put(deflated)
        sha256 = hashlib.sha256(content).digest()
        return _Measures(zlib_ng.crc32(content), len(deflated), len(content), sha256)

    def _put_large(self, pieces: Iterator[bytes]) -> _Measures:
        content_at = self._size
        sha256 = hashlib.sha256()
        deflate = zlib_ng.compressobj(LEVEL, DEFLATED, _RAW_DEFLATE)
        crc = size = 0
        for piece in pieces:
            sha256.update(piece)
            crc = zlib_ng.crc32(piece, crc)
            size += len(piece)
            self._put(deflate.compress(piece))
        self._put(deflate.flush())
        return _Measures(crc, self._size - content_at, size, sha256.digest())

    def close(self) -> BuiltZip:
        """Write the directory and say what has been written."""
        at, size, count = self._size, len(self._directory), len(self._scanned)
        self._put(self._directory)
        if count >= _MAX16:
            end64 = self._size
            self._put(
                _END64.pack(b"PK\x06\x06", _END64.size - 12, 45, 45, 0, 0, count, count, size, at),
                _LOCATOR64.pack(b"PK\x06\x07", 0, end64, 1),
            )
        # The two 32-bit numbers always fit: the zip is bounded by far less.
        shown = min(count, _MAX16)
        self._put(_END.pack(b"PK\x05\x06", 0, 0, shown, shown, size, at, 0))
        self._write(bytes(self._pending))
        h1 = h1_of((entry.name.decode(), entry.sha256) for entry in self._scanned.values())
        return BuiltZip(h1, self._size, self._scanned)

    def _put(self, *parts: bytes | bytearray) -> None:
        for part in parts:
            self._pending += part
            self._size += len(part)
        if self._size > MAX_ZIP_BYTES:
            raise NotExist(
                f"{self._module_version} is too large: its zip is longer than {MAX_ZIP_BYTES} bytes",
                hint="Move large files elsewhere, then tag a new version.",
            )
        if len(self._pending) >= _PIECE_BYTES:
            self._write(bytes(self._pending))
            self._pending.clear()
