"""Stored files that were asked for lately, kept open with their headers ready.

The counterpart of the memory tier for what is too large for it: a repeated zip costs no opening, no
lookup of its digest and no headers made anew, only policy and sendfile.
"""

from __future__ import annotations

from collections import OrderedDict
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from modmirror.server.headers import Headers
    from modmirror.server.memory import Subject
    from modmirror.storage.port import OpenBlob

MAX_OPEN_FILES = 256
WARM_SECONDS = 1.0


class KeptFile:
    """An open file and the headers of its whole answer. Whoever sends it holds it meanwhile."""

    __slots__ = ("_holders", "_kept", "_looked", "content", "headers", "subject", "upstream")

    def __init__(self, subject: Subject, upstream: str, content: OpenBlob, headers: Headers) -> None:
        """Takes over ``content``."""
        self.subject = subject
        self.upstream = upstream
        self.content = content
        self.headers = headers
        self._holders = 0
        self._kept = False
        self._looked = -WARM_SECONDS

    def is_warm(self, now: float) -> bool:
        """Tell whether its beginning need not be looked for in memory: it was, a moment ago.

        Looking costs as much as the rest of a small answer, and pages do not leave memory within a
        second of being sent, but in a machine that has none left.
        """
        if now - self._looked < WARM_SECONDS:
            return True
        self._looked = now
        return False

    def hold(self) -> None:
        """One more needs it open."""
        self._holders += 1

    def let_go(self) -> None:
        """One less does."""
        self._holders -= 1
        self._close_if_free()

    def keep(self) -> None:
        """It stays open although nobody sends it."""
        self._kept = True

    def forget(self) -> None:
        """It need not stay open for those who might ask for it."""
        self._kept = False
        self._close_if_free()

    def _close_if_free(self) -> None:
        if not self._kept and not self._holders:
            self.content.close()


class OpenFiles:
    """The files asked for last, by raw path."""

    def __init__(self, limit: int = MAX_OPEN_FILES) -> None:
        """Keep at most ``limit`` files open."""
        self._limit = limit
        self._files: OrderedDict[bytes, KeptFile] = OrderedDict()

    def get(self, raw_path: bytes) -> KeptFile | None:
        """Return the file behind a path, if it is open."""
        kept = self._files.get(raw_path)
        if kept is not None:
            self._files.move_to_end(raw_path)
        return kept

    def put(self, raw_path: bytes, file: KeptFile) -> None:
        """Keep a file; forget the one that was not asked for longest."""
        replaced = self._files.pop(raw_path, None)
        self._files[raw_path] = file
        file.keep()
        if replaced is not None:
            replaced.forget()
        if len(self._files) > self._limit:
            self._files.popitem(last=False)[1].forget()

    def close(self) -> None:
        """Forget everything."""
        while self._files:
            self._files.popitem()[1].forget()
