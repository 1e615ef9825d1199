"""Makes a tar of a directory that svn exported. Links are noted, never followed."""

from __future__ import annotations

import os
import tarfile
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_PIECE_BYTES = 1 << 18
_BLOCK = tarfile.BLOCKSIZE
_END = bytes(2 * _BLOCK)


def size_of(directory: Path) -> int:
    """Return how large a tar of a directory would be, about. What comes and goes meanwhile counts little.

    Raises:
        OSError: it cannot be read.
    """
    found = 0
    for folder, folders, files in os.walk(directory):
        found += _BLOCK * (len(folders) + len(files))
        for name in files:
            try:
                found += os.lstat(os.path.join(folder, name)).st_size  # noqa: PTH118  # many files
            except FileNotFoundError:
                continue
    return found


def tar_of(directory: Path, prefix: str) -> Iterator[bytes]:
    """Yield a tar of all files and links, by name, each name with ``prefix`` before it. Blocks on the disk.

    What is not a directory itself gives an empty tar.

    Raises:
        OSError: it cannot be read.
    """
    if directory.is_dir() and not directory.is_symlink():
        yield from _members(os.fsencode(directory), os.fsencode(prefix))
    yield _END


def _members(top: bytes, prefix: bytes) -> Iterator[bytes]:
    waiting = [(top, prefix)]  # not by recursion: how deep it is was a stranger's choice
    while waiting:
        directory, before = waiting.pop()
        with os.scandir(directory) as entries:
            ordered = sorted(entries, key=lambda entry: entry.name)
        for entry in ordered:
            name = before + entry.name
            if entry.is_symlink():
                yield _header(name, link=os.readlink(entry.path))  # noqa: PTH115  # bytes
            elif entry.is_dir(follow_symlinks=False):
                waiting.append((entry.path, name + b"/"))
            elif entry.is_file(follow_symlinks=False):
                yield from _file(entry.path, name)


def _file(path: bytes, name: bytes) -> Iterator[bytes]:
    with open(os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC), "rb", buffering=0) as file:  # noqa: PTH123  # a descriptor
        size = left = os.fstat(file.fileno()).st_size
        yield _header(name, size)
        while left:
            piece = file.read(min(left, _PIECE_BYTES))
            if not piece:
                raise OSError("a file became shorter")
            left -= len(piece)
            yield piece
    yield bytes(-size % _BLOCK)


def _header(name: bytes, size: int = 0, *, link: bytes = b"") -> bytes:
    member = tarfile.TarInfo(os.fsdecode(name))
    member.size = size
    if link:
        member.type, member.linkname = tarfile.SYMTYPE, os.fsdecode(link)
    return member.tobuf(tarfile.GNU_FORMAT, "utf-8", "surrogateescape")
