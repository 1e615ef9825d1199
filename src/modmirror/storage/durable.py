"""What the store asks of a file system: files that appear whole or not at all, and stay.

The order is always the same: write under a private name, sync the bytes, give the public name, sync the
directory. Nothing here knows what the files mean. Errors leave as OSError; :func:`translated` turns them
into the store's own once, at the edge of each operation.
"""

from __future__ import annotations

import contextlib
import errno
import os
from typing import TYPE_CHECKING

from modmirror.errors import StorageBroken, StorageError, StorageFull

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_FULL = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})
# File systems without hard links say one of these (FAT, some FUSE and network mounts), or that one file
# cannot have so many names.
_NO_LINKS = frozenset({errno.EPERM, errno.EOPNOTSUPP, errno.ENOTSUP, errno.ENOSYS, errno.EMLINK})
_NO_DIRECTORY_SYNC = frozenset({errno.EINVAL, errno.EOPNOTSUPP, errno.ENOTSUP})
_COMPARE_BYTES = 1 << 20


def storage_error(error: OSError, doing: str) -> StorageError:
    """Translate a failure of the operating system; the text names no path of this server."""
    if error.errno in _FULL:
        return StorageFull(
            f"cannot {doing}: no space left in the store",
            hint="make room on the device of storage.path, or move the store to a larger one",
        )
    reason = os.strerror(error.errno) if error.errno else type(error).__name__
    return StorageBroken(
        f"cannot {doing}: {reason}", hint="check the device and the permissions of storage.path"
    )


@contextlib.contextmanager
def translated(doing: str) -> Iterator[None]:
    """Raise StorageFull or StorageBroken ("cannot <doing>: ...") for an OSError within."""
    try:
        yield
    except OSError as error:
        raise storage_error(error, doing) from error


def sync_directory(path: Path) -> None:
    """Make names that were added to or removed from a directory survive a power cut."""
    descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    except OSError as error:
        # Some network file systems cannot sync a directory; their servers order the names themselves.
        if error.errno not in _NO_DIRECTORY_SYNC:
            raise
    finally:
        os.close(descriptor)


def make_directory(path: Path) -> None:
    """Create a directory and its missing parents, each durable before the next."""
    if path.is_dir():
        return
    make_directory(path.parent)
    path.mkdir(exist_ok=True)
    sync_directory(path.parent)


def write_all(descriptor: int, data: bytes | memoryview, offset: int) -> None:
    """Write every byte at ``offset``, however many calls that takes."""
    rest = memoryview(data)
    while rest:
        written = os.pwrite(descriptor, rest, offset)
        offset += written
        rest = rest[written:]


def write_new(path: Path, data: bytes) -> None:
    """Create a file with these bytes, synced. On failure no file is left."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o666)
    try:
        write_all(descriptor, data, 0)
        os.fsync(descriptor)
    except OSError:
        path.unlink(missing_ok=True)
        raise
    finally:
        os.close(descriptor)


def write_over(staged: Path, final: Path, data: bytes) -> None:
    """Create or replace a file at once, by way of a staged name. The new name is not synced yet."""
    write_new(staged, data)
    try:
        staged.replace(final)
    except OSError:
        staged.unlink(missing_ok=True)
        raise


def create(staged: Path, final: Path) -> bool:
    """Give a staged file its final name unless that name is taken; say whether it was free.

    Atomic: ``final`` is absent or whole at any instant. The staged name may or may not go away.
    """
    try:
        final.hardlink_to(staged)
    except FileExistsError:
        return False
    except OSError as error:
        if error.errno not in _NO_LINKS:
            raise
    else:
        return True
    # No hard links here. A rename would replace silently, so look first: the store's lock file keeps
    # other mirrors out, and the caller holds the lock of this module.
    if final.exists():
        return False
    staged.replace(final)
    return True


def same_bytes(one: Path, other: Path) -> bool:
    """Compare two files byte by byte."""
    with one.open("rb") as left, other.open("rb") as right:
        if os.fstat(left.fileno()).st_size != os.fstat(right.fileno()).st_size:
            return False
        while piece := left.read(_COMPARE_BYTES):
            if piece != right.read(_COMPARE_BYTES):
                return False
    return True


def free_bytes(path: Path) -> int:
    """Return what the device of a directory has left for us."""
    with translated("measure the free space"):
        state = os.statvfs(path)
    return state.f_bavail * state.f_frsize


def require_room(path: Path, least: int) -> None:
    """Raise StorageFull when the device has less than ``least`` bytes left for us."""
    free = free_bytes(path)
    if free < least:
        raise StorageFull(
            f"the store has {free >> 20} MiB left and must keep {least >> 20} MiB free",
            hint="make room on the device of storage.path, or lower storage.min_free_bytes",
        )
