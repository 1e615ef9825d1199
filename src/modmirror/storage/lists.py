"""The ``list`` file of each module, and the journal that keeps it in step through a crash.

A module is named in the journal, durably, before a new ``.mod`` appears, and only forgotten after its
``list`` has been written. The next start writes again the lists of the modules it finds there, so no start
ever walks the whole tree.
"""

from __future__ import annotations

import os
import threading
from itertools import count
from typing import TYPE_CHECKING

from modmirror.errors import InvalidTarget
from modmirror.mod.escape import unescape_path, unescape_version
from modmirror.mod.semver import sort_key
from modmirror.mod.version import canonical_version
from modmirror.storage.durable import sync_directory, write_all, write_over

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from modmirror.storage.root import StoreRoot

# Beyond this the journal is emptied as soon as no put is under way. About a thousand modules, whose lists
# take well under a second to look through at the next start.
_JOURNAL_BYTES = 65_536


def listed_versions(names: Iterable[str]) -> list[str]:
    """Pick the versions that a ``list`` shows out of file names in ``@v``, in no particular order.

    Like the go command's own cache (protocol.md A.17): those with a ``.mod``, canonical, pseudo-versions
    among them.
    """
    versions = []
    for name in names:
        stem, dot, extension = name.rpartition(".")
        if not dot or extension != "mod":
            continue
        try:
            version = unescape_version(stem)
        except InvalidTarget:
            continue  # not a module file: in a tree filled by others anything may lie about
        if canonical_version(version) == version:
            versions.append(version)
    return versions


def stored_versions(root: Path, module: str) -> list[str]:
    """Look what a module (escaped) has on disk now. Blocks; raises OSError."""
    with os.scandir(root / module / "@v") as entries:
        return listed_versions(entry.name for entry in entries)


class VersionLists:
    """Writes ``list`` files. Called from worker threads, one at a time for one module."""

    def __init__(self, root: StoreRoot) -> None:
        """Open the journal and bring the lists it names into step. Blocks; raises OSError."""
        self._root = root
        self._numbers = count()
        self._lock = threading.Lock()
        self._journal = os.open(root.journal, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            sync_directory(root.private)
            self.recovered = self._recover()
            """How many lists a crash had left out of step."""
        except BaseException:
            os.close(self._journal)
            raise
        self._size = 0
        self._named: set[str] = set()
        self._unsettled: set[str] = set()

    def expect(self, module: str) -> None:
        """Note that the list of this module (escaped) may be about to change. Durable on return."""
        with self._lock:
            if module not in self._named:
                line = f"{module}\n".encode()
                write_all(self._journal, line, self._size)
                os.fdatasync(self._journal)
                self._size += len(line)
                self._named.add(module)
            self._unsettled.add(module)

    def rewrite(self, module: str) -> bool:
        """Make ``list`` say what lies beside it; say whether that was a change.

        The name is in place on return but not synced: the caller syncs the directory.
        """
        versions = stored_versions(self._root.path, module)
        wanted = "".join(f"{version}\n" for version in sorted(versions, key=sort_key)).encode()
        final = self._root.path / module / "@v" / "list"
        if final.exists() and final.read_bytes() == wanted:
            return False
        write_over(self._root.staging / f"list-{next(self._numbers)}", final, wanted)
        return True

    def settle(self, module: str) -> None:
        """Note that the list of this module is in step, durably."""
        with self._lock:
            self._unsettled.discard(module)
            if not self._unsettled and self._size > _JOURNAL_BYTES:
                self._forget_all()

    def close(self) -> None:
        """Close the journal; empty it unless a failed put left something to mend. Call once."""
        with self._lock:
            if not self._unsettled:
                self._forget_all()
            os.close(self._journal)

    def _forget_all(self) -> None:
        os.ftruncate(self._journal, 0)
        self._size = 0
        self._named.clear()

    def _recover(self) -> int:
        size = os.fstat(self._journal).st_size
        lines = os.pread(self._journal, size, 0).decode(errors="replace").splitlines()
        mended = 0
        for line in dict.fromkeys(lines):
            directory = self._directory_of(line)
            if directory is not None and self.rewrite(line):
                sync_directory(directory)
                mended += 1
        os.ftruncate(self._journal, 0)
        return mended

    def _directory_of(self, line: str) -> Path | None:
        try:
            unescape_path(line)
        except InvalidTarget:
            return None  # the last line, cut off by the crash: its put had not begun
        directory = self._root.path / line / "@v"
        return directory if directory.is_dir() else None
