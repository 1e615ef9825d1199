"""Builds zips byte by byte, with every field free to lie.

Own code, because zipfile cannot write most of what an attacker can. `module_zip` makes a valid module zip;
`tests.fakes.evil_zips` has the others. `slow_h1` is a second opinion on the hash, by way of zipfile.
"""

from __future__ import annotations

import base64
import hashlib
import io
import struct
import zipfile
import zlib
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

Descriptor = Literal["", "signed", "bare", "signed64", "bare64"]

MODULE = "example.com/zip"
VERSION = "v1.2.3"

_LAYOUTS = {"signed": "<4sIII", "bare": "<III", "signed64": "<4sIQQ", "bare64": "<IQQ"}


def deflate(data: bytes, level: int = 6) -> bytes:
    """Compress as a zip does: raw deflate."""
    packer = zlib.compressobj(level, zlib.DEFLATED, -15)
    return packer.compress(data) + packer.flush()


@dataclass(frozen=True, slots=True)
class Member:
    """One entry. What is None follows from ``name`` and ``data``; anything can be made to lie."""

    name: bytes
    data: bytes = b""
    method: int = 8
    descriptor: Descriptor = ""
    flags: int = 0x0800
    mode: int = 0
    packed: bytes | None = None
    crc: int | None = None
    size: int | None = None
    compressed_size: int | None = None
    local_name: bytes | None = None
    local_method: int | None = None
    local_flags: int | None = None
    local_extra: bytes = b""
    central_extra: bytes = b""
    zip64: bool = False
    """Give sizes and offset in a zip64 field."""
    at: int | None = None
    """Offset the directory claims, instead of the true one; then nothing is written for this entry."""

    def content(self) -> bytes:
        """The bytes between the local header and the descriptor."""
        if self.packed is not None:
            return self.packed
        return deflate(self.data) if self.method == 8 else self.data

    def measures(self) -> tuple[int, int, int]:
        """CRC-32, compressed size and size, as declared."""
        return (
            zlib.crc32(self.data) if self.crc is None else self.crc,
            len(self.content()) if self.compressed_size is None else self.compressed_size,
            len(self.data) if self.size is None else self.size,
        )

    def all_flags(self) -> int:
        """The flags of the directory."""
        return self.flags | (0x0008 if self.descriptor else 0)

    def local(self) -> bytes:
        """Local header, content and descriptor."""
        name = self.name if self.local_name is None else self.local_name
        flags = self.all_flags() if self.local_flags is None else self.local_flags
        method = self.method if self.local_method is None else self.local_method
        measures = (0, 0, 0) if self.descriptor else self.measures()
        lengths = len(name), len(self.local_extra)
        narrow = (number & 0xFFFFFFFF for number in measures)
        header = struct.pack("<4sHHHIIIIHH", b"PK\x03\x04", 20, flags, method, 0, *narrow, *lengths)
        trailer = b""
        if self.descriptor:
            signature = (b"PK\x07\x08",) if self.descriptor.startswith("signed") else ()
            trailer = struct.pack(_LAYOUTS[self.descriptor], *signature, *self.measures())
        return header + name + self.local_extra + self.content() + trailer

    def central(self, offset: int) -> bytes:
        """The entry's record in the directory."""
        crc, compressed_size, size = self.measures()
        extra = self.central_extra
        if self.zip64:
            extra = struct.pack("<HHQQQ", 1, 24, size, compressed_size, offset) + extra
            compressed_size = size = offset = 0xFFFFFFFF
        made_by = 0x0314 if self.mode else 20
        return (
            struct.pack(
                "<4sHHHHIIIIHHHHHII",
                b"PK\x01\x02", made_by, 20, self.all_flags(), self.method, 0, crc, compressed_size, size,
                len(self.name), len(extra), 0, 0, 0, self.mode << 16, offset,
            )
            + self.name
            + extra
        )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Ending:
    """How an archive ends. The defaults are right; each field can be made to lie."""

    comment: bytes = b""
    records: int | None = None
    directory_size: int | None = None
    directory_offset: int | None = None
    disk: int = 0
    zip64: bool = False
    announced: bool = True
    """With zip64: the plain record says that there is one."""
    before: bytes = b""
    """Bytes between the directory and the end record."""
    after: bytes = b""


def archive(
    members: Iterable[Member],
    ending: Ending = Ending(),
    *,
    prefix: bytes = b"",
    gap: bytes = b"",
) -> bytes:
    """Lay out members, directory and end. ``prefix`` comes first, ``gap`` before the directory.

    Offsets are counted from the first byte behind the prefix, as in a self-extracting archive.
    """
    body, directory, count = b"", b"", 0
    for member in members:
        directory += member.central(len(body) if member.at is None else member.at)
        count += 1
        if member.at is None:
            body += member.local()
    body += gap
    return prefix + body + directory + end_of(ending, count, len(directory), len(body))


def end_of(ending: Ending, count: int, size: int, offset: int) -> bytes:
    """The end record or records of a directory of ``count`` entries."""
    count = count if ending.records is None else ending.records
    size = size if ending.directory_size is None else ending.directory_size
    start = offset if ending.directory_offset is None else ending.directory_offset
    wide = b""
    if ending.zip64:
        position = offset + size + len(ending.before)
        wide = struct.pack("<4sQHHIIQQQQ", b"PK\x06\x06", 44, 45, 45, 0, 0, count, count, size, start)
        wide += struct.pack("<4sIQI", b"PK\x06\x07", 0, position, 1)
        if ending.announced:
            count, size, start = 0xFFFF, 0xFFFFFFFF, 0xFFFFFFFF
    length = len(ending.comment)
    plain = struct.pack("<4sHHHHIIH", b"PK\x05\x06", ending.disk, 0, count, count, size, start, length)
    return ending.before + wide + plain + ending.comment + ending.after


def module_members(
    module: str = MODULE, version: str = VERSION, files: Mapping[str, bytes] | None = None
) -> list[Member]:
    """The entries of a valid module zip, as cmd/go writes them: deflated, with signed descriptors."""
    files = default_files(module) if files is None else files
    return [
        Member(f"{module}@{version}/{name}".encode(), data, descriptor="signed")
        for name, data in files.items()
    ]


def default_files(module: str = MODULE) -> dict[str, bytes]:
    """A small module."""
    return {
        "go.mod": f"module {module}\n".encode(),
        "LICENSE": b"do as you like\n",
        "p.go": b"package p\n\n" + b"// a line that compresses well\n" * 40,
        "internal/q/q.go": b"package q\n",
    }


def module_zip(
    module: str = MODULE,
    version: str = VERSION,
    files: Mapping[str, bytes] | None = None,
    *,
    stored: bool = False,
    descriptor: Descriptor = "signed",
) -> bytes:
    """Build a valid module zip of ``files`` (path below the module root → content).

    ``stored`` leaves out compression, and then there are no data descriptors.
    """
    members = module_members(module, version, files)
    if stored:
        return archive(replace(member, method=0, descriptor="") for member in members)
    return archive(replace(member, descriptor=descriptor) for member in members)


def slow_h1(data: bytes) -> str:
    """Hash a well-formed zip the long way: zipfile, and the words of the specification."""
    lines = b""
    with zipfile.ZipFile(io.BytesIO(data)) as opened:
        infos = {info.orig_filename.encode(): info for info in opened.infolist()}
        for name in sorted(infos):
            digest = hashlib.sha256(opened.read(infos[name])).hexdigest()
            lines += f"{digest}  ".encode() + name + b"\n"
    return "h1:" + base64.b64encode(hashlib.sha256(lines).digest()).decode()
