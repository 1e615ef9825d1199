"""The rules for module zips, and the check of a zip that somebody else made (protocol.md C.4, C.5).

A zip passes when the go command would extract it, and it is never repaired: that would change its hash.
Zips of our own are chosen in :mod:`modmirror.mod.zipplan` and written in :mod:`modmirror.mod.zipbuild`.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from modmirror.errors import BadZip
from modmirror.mod.collisions import Collisions, fold
from modmirror.mod.dirhash import h1_of
from modmirror.mod.path import element_problem, file_path_problem
from modmirror.mod.zipdir import (
    DEFLATED,
    HAS_DESCRIPTOR,
    LONGEST_DESCRIPTOR,
    STORED,
    TELLING_FLAGS,
    check_fits,
    content_offset,
    descriptor_length,
    on_one_line,
    read_directory,
)
from modmirror.mod.zipscan import MAX_CONTENT_BYTES, EntryHasher

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from modmirror.mod.path import ModulePath
    from modmirror.mod.zipdir import ReadAt, ZipEntry
    from modmirror.mod.zipscan import ScannedEntry

MAX_ZIP_BYTES = 524_288_000
"""Length of a zip file, as in the go command: 500 MiB (protocol.md A.13)."""
MAX_MOD_BYTES = 16_777_216
"""Size of ``go.mod``, as in the go command: 16 MiB (protocol.md C.4)."""
MAX_LICENSE_BYTES = 16_777_216
"""Size of ``LICENSE`` in the module root, likewise."""

ROOT_FILE_LIMITS = {"go.mod": MAX_MOD_BYTES, "LICENSE": MAX_LICENSE_BYTES}
"""Sizes of single files in the module root."""

_READ_BYTES = 262_144
"""Read at once. More than the longest local header, so that one read always has it whole."""
_EMPTY = hashlib.sha256().digest()


def verify_zip(
    module: ModulePath,
    version: str,
    size: int,
    read_at: ReadAt,
    scanned: Mapping[int, ScannedEntry] | None = None,
) -> str:
    """Return the ``h1:`` of a module zip of ``size`` bytes.

    ``module`` and ``version`` must have been checked. ``scanned`` saves inflating again what a
    :class:`~modmirror.mod.zipscan.ZipScan` of the same bytes has hashed; it cannot change the outcome.

    Raises:
        BadZip: the go command would not extract it, or it could mean different things to different readers.
    """
    if size > MAX_ZIP_BYTES:
        raise BadZip(f"the zip is too large ({size} bytes; at most {MAX_ZIP_BYTES})")
    entries = read_directory(size, read_at)
    prefix = f"{module}@{version}/"
    paths = [_path_below(prefix, entry) for entry in entries]
    check_entry_names((path, entry.size) for path, entry in zip(paths, entries, strict=True) if path)
    hashed = scanned or {}
    return h1_of(
        (prefix + path, _digest_of(entry, read_at, hashed))
        for path, entry in zip(paths, entries, strict=True)
    )


def _path_below(prefix: str, entry: ZipEntry) -> str:
    """Return the entry's path in the module; empty for the directory of the module itself."""
    try:
        name = entry.name.decode()
    except UnicodeDecodeError:
        raise BadZip(f"the file name {entry.shown} in the zip is not UTF-8") from None
    if not name.startswith(prefix):
        raise BadZip(f'{entry.shown} in the zip does not begin with "{prefix}"')
    return name[len(prefix) :]


def check_entry_names(entries: Iterable[tuple[str, int]]) -> None:
    """Refuse paths and sizes that may not be together in a module zip.

    Paths are relative to the module root; one that ends in a slash is a directory. Sizes are uncompressed.

    Raises:
        BadZip: it names the first path at fault.
    """
    collisions = Collisions()
    good: set[str] = set()
    total = 0
    for path, size in entries:
        name = path.removesuffix("/")
        is_directory = name != path
        problem = (
            _name_problem(name, good)
            or collisions.problem(name, is_directory=is_directory)
            or ("" if is_directory else _file_problem(name, size))
        )
        if problem:
            raise BadZip(f'"{on_one_line(path)}" in the zip: {on_one_line(problem)}')
        total += 0 if is_directory else size
        if total > MAX_CONTENT_BYTES:
            raise BadZip(f"the files in the zip are too large together (at most {MAX_CONTENT_BYTES} bytes)")


def _name_problem(name: str, good: set[str]) -> str:
    """Look at a directory once, not for each of its files. ``good`` are those without a problem."""
    directory, slash, file = name.rpartition("/")
    if not slash:
        return file_path_problem(name)
    if directory not in good:
        problem = file_path_problem(directory)
        if problem:
            return problem
        good.add(directory)
    return element_problem(file, "file")


def _file_problem(path: str, size: int) -> str:
    if fold(path.rpartition("/")[2]) == "go.mod" and path != "go.mod":
        return "go.mod belongs in the module root, in lower case"
    limit = ROOT_FILE_LIMITS.get(path)
    if limit is not None and size > limit:
        return f"too large ({size} bytes; at most {limit})"
    return ""


def _digest_of(entry: ZipEntry, read_at: ReadAt, scanned: Mapping[int, ScannedEntry]) -> bytes:
    """Return the SHA-256 of an entry's content, which is what the directory says it is."""
    is_directory = entry.name.endswith(b"/")
    if is_directory and entry.size:
        raise BadZip(f"{entry.shown} is a directory with content")
    if entry.method == STORED and entry.compressed_size != entry.size:
        raise BadZip(f"{entry.shown} is stored, yet has two sizes")
    seen = scanned.get(entry.header_offset)
    if seen is not None and _agree(entry, seen):
        check_fits(entry, seen.length)
        return seen.sha256
    return _read_entry(entry, read_at, is_directory=is_directory)


def _agree(entry: ZipEntry, seen: ScannedEntry) -> bool:
    return (
        entry.name == seen.name
        and entry.method == seen.method
        and not (entry.flags ^ seen.flags) & TELLING_FLAGS
        and entry.crc == seen.crc
        and entry.compressed_size == seen.compressed_size
        and entry.size == seen.size
    )


def _read_entry(entry: ZipEntry, read_at: ReadAt, *, is_directory: bool) -> bytes:
    head = read_at(entry.header_offset, min(_READ_BYTES, entry.limit - entry.header_offset))
    start = content_offset(entry, head)
    stop = start + entry.compressed_size
    check_fits(entry, stop)
    if is_directory:
        # Some archivers deflate nothing into two bytes; the go command does not look at them.
        return _EMPTY
    content = _hash_content(entry, memoryview(head)[start:stop], start, read_at)
    if entry.flags & HAS_DESCRIPTOR:
        descriptor = head[stop : stop + LONGEST_DESCRIPTOR]
        if len(descriptor) < LONGEST_DESCRIPTOR:
            descriptor = read_at(entry.header_offset + stop, LONGEST_DESCRIPTOR)
        check_fits(entry, stop + descriptor_length(entry, descriptor))
    return content.sha256


def _hash_content(entry: ZipEntry, piece: memoryview, start: int, read_at: ReadAt) -> EntryHasher:
    """Measure an entry's content, of which ``piece`` has been read. ``start`` counts from the header."""
    content = EntryHasher(entry.method, entry.size)
    try:
        while piece:
            content.feed(piece)
            left = 0 if content.ended else entry.compressed_size - content.compressed_size
            position = entry.header_offset + start + content.compressed_size
            piece = memoryview(read_at(position, min(left, _READ_BYTES)) if left else b"")
    except BadZip as error:
        raise BadZip(f"{entry.shown} in the zip: {error.reason}") from error
    problem = _measure_problem(entry, content)
    if problem:
        raise BadZip(f"{entry.shown} in the zip: {problem}")
    return content


def _measure_problem(entry: ZipEntry, content: EntryHasher) -> str:
    """Say where the measured content differs from what the directory declares."""
    if content.compressed_size != entry.compressed_size:
        return "compressed data goes on behind its end" if content.ended else "the zip ends early"
    if entry.method == DEFLATED and not content.ended:
        return "compressed data is cut short"
    if content.size != entry.size:
        return f"smaller than declared ({content.size} bytes, not {entry.size})"
    if content.crc != entry.crc:
        return "the CRC-32 is not the declared one"
    return ""
