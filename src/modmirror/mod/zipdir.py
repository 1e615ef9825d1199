"""The directory of a zip archive, read as the go command reads it (protocol.md C.5, A.18).

A zip can be written so that two readers see different files in it. Where that could happen this reader
refuses the archive, also where the go command would make a guess: bytes before the archive or behind it,
counts and sizes that disagree, headers that contradict the directory, entries that share bytes. What
remains has one meaning. Knows nothing of modules, and reads no content (:mod:`modmirror.mod.zipscan`).
"""

from __future__ import annotations

import struct
from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple

from modmirror.errors import BadZip

if TYPE_CHECKING:
    from collections.abc import Callable

    ReadAt = Callable[[int, int], bytes]
    """``read_at(offset, length)``: that many bytes, fewer only at the end of the file."""

STORED = 0
DEFLATED = 8

HAS_DESCRIPTOR = 0x0008
TELLING_FLAGS = 0x0001 | HAS_DESCRIPTOR
"""Flags that change how content is read: header and directory must agree on them."""

LOCAL_HEADER = struct.Struct("<4s2xHH4xIIIHH")
"""Signature, flags, method, CRC-32, compressed size, size, name length, extra length."""
LOCAL_SIGNATURE = b"PK\x03\x04"
DESCRIPTOR_SIGNATURE = b"PK\x07\x08"
LONGEST_DESCRIPTOR = 16
"""As much of a data descriptor as :func:`descriptor_length` looks at."""

MAX_DIRECTORY_BYTES = 64 * 1024 * 1024
"""The directory is held in memory: room for ``MAX_ENTRIES`` names of 200 bytes."""
MAX_ENTRIES = 262_144
"""Entries held in memory, about 100 MiB of them. A zip of 500 MiB could name seven million empty files."""

# Encrypted, patch data, strong encryption, masked headers. The go command looks at none of them.
_REFUSED_FLAGS = 0x0001 | 0x0020 | 0x0040 | 0x2000

_END = struct.Struct("<4sHHHHIIH")
_END_SIGNATURE = b"PK\x05\x06"
_LOCATOR64 = struct.Struct("<4sIQI")
_LOCATOR64_SIGNATURE = b"PK\x06\x07"
_END64 = struct.Struct("<4sQHHIIQQQQ")
_END64_SIGNATURE = b"PK\x06\x06"
_CENTRAL = struct.Struct("<4s4xHH4xIIIHHHHHII")
_CENTRAL_SIGNATURE = b"PK\x01\x02"
_EXTRA = struct.Struct("<HH")
_ZIP64_EXTRA = 0x0001
_SHOWN_LENGTH = 200
_MAX16 = 0xFFFF
_MAX32 = 0xFFFFFFFF


class ZipEntry(NamedTuple):
    """One entry of the directory. A tuple because a module may have a hundred thousand of them."""

    name: bytes
    method: int
    flags: int
    crc: int
    compressed_size: int
    size: int
    header_offset: int
    mode: int
    """Unix mode bits as the archive gives them; 0 when it was not made on Unix."""
    limit: int
    """Where the next entry or the directory begins: this entry must have ended by then."""

    @property
    def shown(self) -> str:
        """The name for people: quoted, never longer than an error text can bear."""
        return show_name(self.name)


class _End(NamedTuple):
    records: int
    size: int
    offset: int


def show_name(name: bytes) -> str:
    """Quote an entry name for an error text."""
    return f'"{on_one_line(name.decode("utf-8", "backslashreplace"))}"'


def on_one_line(text: str) -> str:
    """Make text of unknown origin fit for an error text: printable, and not longer than 200 characters."""
    shown = text[:_SHOWN_LENGTH] + "…" * (len(text) > _SHOWN_LENGTH)
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in shown)


def read_directory(size: int, read_at: ReadAt) -> tuple[ZipEntry, ...]:
    """Return the entries of a zip of ``size`` bytes, in the order of its directory.

    Raises:
        BadZip: not a zip, broken, ambiguous, or too large a directory to hold.
    """
    end, stop = _find_end(size, read_at)
    if end.offset + end.size != stop:
        # The go command would shift every offset by the difference, or not, after looking what fits.
        raise BadZip("the zip's directory is not where its end record says")
    if end.size > MAX_DIRECTORY_BYTES or end.records > MAX_ENTRIES:
        raise BadZip(
            f"the zip's directory is too large ({end.records} entries, {end.size} bytes; "
            f"at most {MAX_ENTRIES} entries and {MAX_DIRECTORY_BYTES} bytes)"
        )
    directory = _exactly(read_at, end.offset, end.size)
    return _with_limits(_parse(directory, end.records), end.offset)


def _exactly(read_at: ReadAt, offset: int, length: int) -> bytes:
    data = read_at(offset, length)
    if len(data) != length:
        raise BadZip("the zip ends early")
    return data


def _find_end(size: int, read_at: ReadAt) -> tuple[_End, int]:
    """Return the end record and where the directory must end."""
    window = min(size, _END.size + _MAX16)
    tail = _exactly(read_at, size - window, window)
    ends = [at for at in _occurrences(tail, _END_SIGNATURE) if _ends_with_file(tail, at)]
    if not ends:
        raise BadZip("not a zip: it has no end record that ends with the file")
    if len(ends) > 1:
        raise BadZip("the zip has two end records: readers could see different files")
    _, disk, first_disk, here, records, directory_size, offset, _ = _END.unpack_from(tail, ends[0])
    position = size - window + ends[0]
    if disk or first_disk or here != records:
        raise BadZip("the zip is one part of several")
    plain = _End(records, directory_size, offset)
    locator_at = position - _LOCATOR64.size
    if locator_at >= 0:
        locator = _exactly(read_at, locator_at, _LOCATOR64.size)
        if locator.startswith(_LOCATOR64_SIGNATURE):
            return _find_end64(plain, locator, locator_at, read_at)
    return plain, position


def _occurrences(data: bytes, signature: bytes) -> list[int]:
    found = []
    at = data.find(signature)
    while at >= 0:
        found.append(at)
        at = data.find(signature, at + 1)
    return found


def _ends_with_file(tail: bytes, at: int) -> bool:
    if at + _END.size > len(tail):
        return False
    return at + _END.size + int(_END.unpack_from(tail, at)[-1]) == len(tail)


def _find_end64(plain: _End, locator: bytes, locator_at: int, read_at: ReadAt) -> tuple[_End, int]:
    """Follow a zip64 locator. It must be announced, and must not contradict the plain record."""
    if plain.records != _MAX16 and _MAX32 not in (plain.size, plain.offset):
        raise BadZip("the zip has a zip64 end record that its end record does not announce")
    _, disk, position, disks = _LOCATOR64.unpack(locator)
    if disk or disks != 1 or position > locator_at - _END64.size:
        raise BadZip("the zip64 locator of the zip is wrong")
    record = _exactly(read_at, position, _END64.size)
    signature, length, _, _, disk, first_disk, here, records, size, offset = _END64.unpack(record)
    if signature != _END64_SIGNATURE or position + 12 + length != locator_at:
        raise BadZip("the zip64 end record of the zip is not where its locator says")
    if disk or first_disk or here != records:
        raise BadZip("the zip is one part of several")
    wide = _End(records, size, offset)
    for small, large, most in zip(plain, wide, (_MAX16, _MAX32, _MAX32), strict=True):
        if small not in (most, large):
            raise BadZip("the two end records of the zip contradict each other")
    return wide, position


def _parse(directory: bytes, records: int) -> list[ZipEntry]:
    entries = []
    at = 0
    for _ in range(records):
        entry, at = _parse_entry(directory, at)
        entries.append(entry)
    if at != len(directory):
        raise BadZip("the zip's directory holds more than its entries")
    return entries


def _parse_entry(directory: bytes, at: int) -> tuple[ZipEntry, int]:
    start = at + _CENTRAL.size
    if start > len(directory):
        raise BadZip("the zip's directory has fewer entries than its end record says")
    (
        signature, flags, method, crc, compressed_size, size, name_length, extra_length, comment_length,
        disk, _, attributes, offset,
    ) = _CENTRAL.unpack_from(directory, at)  # fmt: skip
    extra_at = start + name_length
    stop = extra_at + extra_length + comment_length
    name = directory[start:extra_at]
    if signature != _CENTRAL_SIGNATURE or stop > len(directory):
        raise BadZip("the zip's directory is broken")
    if _MAX32 in (size, compressed_size, offset):
        wide = (size, compressed_size, offset)
        size, compressed_size, offset = _widen(directory[extra_at : extra_at + extra_length], wide, name)
    if flags & _REFUSED_FLAGS:
        raise BadZip(f"{show_name(name)} is encrypted or otherwise disguised")
    if method not in {STORED, DEFLATED}:
        raise BadZip(
            f"{show_name(name)} uses compression method {method}; only store and deflate are allowed"
        )
    if disk:
        raise BadZip("the zip is one part of several")
    return ZipEntry(name, method, flags, crc, compressed_size, size, offset, attributes >> 16, 0), stop


def _widen(extra: bytes, sizes: tuple[int, int, int], name: bytes) -> tuple[int, ...]:
    """Replace the numbers that do not fit in 32 bits by those of the zip64 field, in its fixed order."""
    fields = [content for tag, content in _extra_fields(extra) if tag == _ZIP64_EXTRA]
    wanted = sum(size == _MAX32 for size in sizes)
    if len(fields) != 1 or len(fields[0]) < 8 * wanted:
        raise BadZip(f"{show_name(name)} needs one zip64 field that gives its sizes")
    numbers = iter(struct.unpack_from(f"<{wanted}Q", fields[0]))
    return tuple(next(numbers) if size == _MAX32 else size for size in sizes)


def _extra_fields(extra: bytes) -> list[tuple[int, bytes]]:
    fields = []
    at = 0
    while at + _EXTRA.size <= len(extra):
        tag, length = _EXTRA.unpack_from(extra, at)
        start, at = at + _EXTRA.size, at + _EXTRA.size + length
        if at > len(extra):
            break  # padding or foreign data, which the go command passes over too
        fields.append((tag, extra[start:at]))
    return fields


def _with_limits(entries: list[ZipEntry], directory_at: int) -> tuple[ZipEntry, ...]:
    """Set each entry's limit, and refuse entries that share bytes."""
    offsets = sorted(entry.header_offset for entry in entries)
    limits = dict(pairwise([*offsets, directory_at]))
    if len(limits) != len(entries):
        raise BadZip("two entries of the zip share the same bytes")
    limited = tuple(entry._replace(limit=limits[entry.header_offset]) for entry in entries)
    for entry in limited:
        check_fits(entry, LOCAL_HEADER.size + len(entry.name) + entry.compressed_size)
    return limited


def check_fits(entry: ZipEntry, length: int) -> None:
    """Raise BadZip when an entry that takes ``length`` bytes with its header runs into what follows it."""
    if entry.header_offset + length > entry.limit:
        raise BadZip(f"{entry.shown} overlaps what follows it in the zip")


def content_offset(entry: ZipEntry, head: bytes) -> int:
    """Return how far behind ``header_offset`` the content begins. ``head`` is what stands there.

    Raises:
        BadZip: there is no local header, or it says something else than the directory.
    """
    if len(head) < LOCAL_HEADER.size + len(entry.name):
        raise BadZip(f"{entry.shown} overlaps what follows it in the zip")
    signature, flags, method, _, _, _, name_length, extra_length = LOCAL_HEADER.unpack_from(head)
    name = head[LOCAL_HEADER.size : LOCAL_HEADER.size + name_length]
    if signature != LOCAL_SIGNATURE:
        raise BadZip(f"{entry.shown} has no local header where the directory says")
    if (name, method) != (entry.name, entry.method) or (flags ^ entry.flags) & TELLING_FLAGS:
        raise BadZip(f"the local header of {entry.shown} contradicts the directory")
    return LOCAL_HEADER.size + int(name_length) + int(extra_length)


def descriptor_length(entry: ZipEntry, data: bytes) -> int:
    """Return the least length of the data descriptor that ``data`` begins with.

    Raises:
        BadZip: it repeats another CRC-32 than the directory, or is cut off.
    """
    # As the go command does it: a signature is optional, and the sizes may be 32 or 64 bits wide, so only
    # the CRC-32 is compared.
    at = 4 if data.startswith(DESCRIPTOR_SIGNATURE) else 0
    if len(data) < at + 12 or int.from_bytes(data[at : at + 4], "little") != entry.crc:
        raise BadZip(f"the data descriptor of {entry.shown} contradicts the directory")
    return at + 12
