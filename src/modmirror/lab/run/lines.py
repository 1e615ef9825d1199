"""Files of a run: JSON lines that are only ever appended to, and small files that are replaced whole."""

from __future__ import annotations

import errno
import os
from contextlib import contextmanager
from typing import TYPE_CHECKING, Generic, TypeVar

import msgspec

from modmirror.errors import StorageBroken, StorageFull

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

T = TypeVar("T")

_FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}


class LineFile(Generic[T]):
    """JSON values of one type, one a line. Made on the first append."""

    def __init__(self, path: Path, kind: type[T]) -> None:
        self._path = path
        self._kind = kind
        self._decoder = msgspec.json.Decoder(kind)
        self._file: int | None = None
        self._end = 0
        self.notes: tuple[str, ...] = ()

    def append(self, value: T) -> None:
        """Write one value with one call. Raises StorageFull or StorageBroken; then no part of it stays."""
        line = msgspec.json.encode(value) + b"\n"
        with translated(self._path):
            file = self._opened()
            try:
                _write_all(file, line)
            except OSError:
                os.ftruncate(file, self._end)
                raise
        self._end += len(line)

    def read(self) -> list[T]:
        """Return all values. A torn last line is left out, and a note says so.

        Raises:
            StorageBroken: a line before the last is no such value.
        """
        with translated(self._path):
            if not self._path.exists():
                return []
            *lines, rest = self._path.read_bytes().split(b"\n")
        if rest:
            self.notes = (f"{self._path.name}: the last line was cut short and is left out",)
        return [self._value(number, line) for number, line in enumerate(lines, 1)]

    def rewrite(self, values: Sequence[T]) -> None:
        """Replace everything. A reader sees the old file or the new one."""
        self.close()
        write_whole(self._path, b"".join(msgspec.json.encode(value) + b"\n" for value in values))

    def beside(self, prefix: str) -> LineFile[T]:
        """Return a file of the same values, ``PREFIX-NAME`` in the same folder."""
        return LineFile(self._path.with_name(f"{prefix}-{self._path.name}"), self._kind)

    def close(self) -> None:
        """Give the file back; an append opens it again."""
        if self._file is not None:
            os.close(self._file)
            self._file = None

    def _value(self, number: int, line: bytes) -> T:
        try:
            return self._decoder.decode(line)
        except msgspec.DecodeError as error:
            raise StorageBroken(
                f"{self._path.name}, line {number}: {error}",
                hint="the run was changed after it was written",
            ) from error

    def _opened(self) -> int:
        if self._file is None:
            self._file = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o644)
            self._end = _end_of_last_line(self._file)
            os.ftruncate(self._file, self._end)
        return self._file


def write_whole(path: Path, data: bytes) -> None:
    """Replace a small file so that a reader sees the old or the new one. Raises as append does."""
    draft = path.with_name(f".{path.name}.new")
    with translated(path):
        try:
            draft.write_bytes(data)
            draft.replace(path)
        except OSError:
            draft.unlink(missing_ok=True)
            raise


@contextmanager
def translated(path: Path) -> Iterator[None]:
    """Turn an OSError into StorageFull or StorageBroken."""
    try:
        yield
    except OSError as error:
        if error.errno in _FULL:
            raise StorageFull(
                f"no space to write {path.name}",
                hint="what was measured so far is kept and can be reported",
            ) from error
        raise StorageBroken(f"{path} cannot be used: {error.strerror}") from error


def _end_of_last_line(file: int) -> int:
    size = os.fstat(file).st_size
    end = size
    while end:
        start = max(0, end - (1 << 16))
        found = os.pread(file, end - start, start).rfind(b"\n")
        if found >= 0:
            return start + found + 1
        end = start
    return 0


def _write_all(file: int, data: bytes) -> None:
    written = os.write(file, data)
    while written < len(data):
        written += os.write(file, data[written:])
