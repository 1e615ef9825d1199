"""The directory of a store: is it fit, and is it ours alone?

The public part is a GOPROXY tree. What is private to modmirror lies below ``.modmirror``, which no module
path can name, because none of their elements begins with a dot (protocol.md A.3).
"""

from __future__ import annotations

import fcntl
import os
import socket
from dataclasses import dataclass
from typing import TYPE_CHECKING

from modmirror.errors import ConfigError
from modmirror.storage.durable import write_all

if TYPE_CHECKING:
    from pathlib import Path

_KEY = "storage.path"
_HOLDER_BYTES = 200


@dataclass(frozen=True, slots=True)
class StoreRoot:
    """A claimed directory. Nobody else's mirror writes to it until it is released."""

    path: Path
    private: Path
    lock: int
    """Descriptor that holds the claim."""

    @property
    def spool(self) -> Path:
        """Where files grow while they are fetched."""
        return self.private / "spool"

    @property
    def staging(self) -> Path:
        """Where small files are written before they get their name."""
        return self.private / "tmp"

    @property
    def database(self) -> Path:
        """Where what can be rebuilt is kept."""
        return self.private / "state.db"

    @property
    def journal(self) -> Path:
        """Where modules stand whose ``list`` may be out of step."""
        return self.private / "journal"

    def is_there(self) -> bool:
        """Tell a store that is merely empty from one that was unmounted or removed below us."""
        return (self.private / "lock").exists()

    def release(self) -> None:
        """Let another mirror have it. Call once."""
        os.close(self.lock)


def claim_root(path: Path) -> StoreRoot:
    """Make a directory fit to be a store, sweep what a crash left, and lock it.

    Raises:
        ConfigError: for ``storage.path``: not a directory, not readable, not writable, or in use.
    """
    try:
        path.mkdir(parents=True, exist_ok=True)
        root = path.resolve(strict=True)
        with os.scandir(root):  # readable?
            pass
        private = root / ".modmirror"
        private.mkdir(mode=0o700, exist_ok=True)
        lock = _lock(private / "lock", path)
    except (FileExistsError, NotADirectoryError) as error:
        raise ConfigError(
            _KEY, f"the store {path} is not a directory", hint="name a directory, or remove the file"
        ) from error
    except OSError as error:
        raise _unfit(path, error) from error
    claimed = StoreRoot(root, private, lock)
    try:
        _sweep(claimed)
    except OSError as error:
        claimed.release()
        raise _unfit(path, error) from error
    return claimed


def _unfit(path: Path, error: OSError) -> ConfigError:
    return ConfigError(
        _KEY,
        f"the store {path} cannot be used: {os.strerror(error.errno or 0)}",
        hint="modmirror must be able to read, write and lock files in this directory",
    )


def _lock(name: Path, path: Path) -> int:
    descriptor = os.open(name, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        os.ftruncate(descriptor, 0)
        write_all(descriptor, f"process {os.getpid()} on {socket.gethostname()}".encode(), 0)
    except BlockingIOError as error:
        holder = os.pread(descriptor, _HOLDER_BYTES, 0).decode(errors="replace") or "another modmirror"
        os.close(descriptor)
        raise ConfigError(
            _KEY,
            f"the store {path} is in use by {holder}",
            hint="stop that one first, or give this one a storage.path of its own",
        ) from error
    except OSError:
        os.close(descriptor)
        raise
    return descriptor


def _sweep(root: StoreRoot) -> None:
    # Whatever is here belonged to a process that is gone: we hold the lock.
    for directory in (root.spool, root.staging):
        directory.mkdir(mode=0o700, exist_ok=True)
        for leftover in directory.iterdir():
            leftover.unlink()
    probe = root.staging / "probe"
    probe.write_bytes(b"")
    probe.unlink()
