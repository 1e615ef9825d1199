"""Notes what a tar archive holds while it is arriving: names, sizes, and where each content lies.

Archives come from a version control tool that ran here, but what is in them is a stranger's: names of any
bytes, a million empty files, a blob that declares ten gigabytes. So this reader is strict, bounded, and
refuses a size as soon as it is declared. It is not :mod:`tarfile`, which cannot be fed, holds extended
headers of any length in memory, follows sparse maps and links, and takes several times as long. Knows
ustar, pax and GNU long names, and nothing of modules (:mod:`modmirror.mod.zipplan`).
"""

from __future__ import annotations

import re
import zlib
from functools import partial
from typing import TYPE_CHECKING, Literal, NamedTuple, NoReturn

from modmirror.errors import NotExist, UpstreamBadAnswer
from modmirror.mod.zipdir import MAX_DIRECTORY_BYTES, MAX_ENTRIES

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

MAX_ARCHIVE_BYTES = 2 * 1024**3
"""Length of an archive. More than the 500 MiB of a module's files: nested modules and vendored packages are
in it too, and the go command bounds only their compressed size."""
MAX_EXTENDED_BYTES = 1024 * 1024
"""Length of one extended header, which holds a long name or the target of a symbolic link."""
MAX_HEADERS = 4 * MAX_ENTRIES
"""Headers of all kinds: files, their directories, and extended headers before either."""

MemberKind = Literal["file", "symlink", "other"]

_BLOCK = 512
_END = bytes(_BLOCK)
_MAGIC = b"ustar"
_POSIX_MAGIC = b"ustar\0"
_KINDS: dict[bytes, MemberKind] = {
    b"0": "file",
    b"\0": "file",
    b"2": "symlink",
    b"3": "other",
    b"4": "other",
    b"6": "other",
}
_DIRECTORY = b"5"
_PAX, _PAX_FOR_ALL, _GNU_NAME, _GNU_LINK = b"x", b"g", b"L", b"K"
_EXTENDED = frozenset([_PAX, _PAX_FOR_ALL, _GNU_NAME, _GNU_LINK])
_OCTAL = re.compile(rb" *([0-7]*)[ \0]*")
_MAX_DIGITS = 20
_ADLER_BASE = 65_521


class TarMember(NamedTuple):
    """A file in the archive. A tuple because a module may have a hundred thousand of them."""

    path: str
    """Relative to the directory asked for. Bytes that are not UTF-8 stand as surrogate escapes."""
    kind: MemberKind
    size: int
    offset: int
    """Where the content begins in the archive."""


class TarScan:
    """Fed with an archive from its first byte on, in pieces of any size. Not for several threads at once.

    ``source`` is the repository's name in error texts. With a ``directory``, only what lies below it is
    noted, by its path from there. All methods raise:

    * UpstreamBadAnswer: not a whole tar archive as these tools make them;
    * NotExist: longer than ``max_bytes``, or more names than memory should hold.
    """

    def __init__(self, source: str, directory: str = "", max_bytes: int = MAX_ARCHIVE_BYTES) -> None:
        self.members: list[TarMember] = []
        """In the order of the archive; directories are left out."""
        self._source = source
        self._prefix = f"{directory}/".encode() if directory else b""
        self._max_bytes = max_bytes
        self._position = 0
        self._headers = 0
        self._name_bytes = 0
        self._ended = False
        self._name: bytes | None = None
        self._size: int | None = None
        self._gathered = bytearray()
        self._expect(0, _BLOCK, self._take_header)

    def feed(self, data: bytes) -> None:
        """Take the next bytes of the archive."""
        start = self._position
        self._position += len(data)
        self._bound(self._position)
        while not self._ended and self._wanted_at + len(self._gathered) < self._position:
            at = self._wanted_at + len(self._gathered) - start
            self._gathered += data[at : at + self._wanted - len(self._gathered)]
            if len(self._gathered) < self._wanted:
                break
            block = bytes(self._gathered)
            self._gathered.clear()
            self._take(block)

    def finish(self) -> tuple[TarMember, ...]:
        """Return the members of the archive, which must have come to its end."""
        if not self._ended:
            self._broken("it is cut short")
        return tuple(self.members)

    def _expect(self, offset: int, length: int, take: Callable[[bytes], None]) -> None:
        """Gather ``length`` bytes at ``offset`` next, then hand them over."""
        self._wanted_at = offset
        self._wanted = length
        self._take: Callable[[bytes], None] = take

    def _take_header(self, block: bytes) -> None:
        extended = self._name is not None or self._size is not None
        if block == _END:
            if extended:
                self._broken("it ends behind an extended header")
            self._ended = True
            return
        self._check_header(block)
        self._headers += 1
        if self._headers > MAX_HEADERS:
            self._too_large(f"has more than {MAX_HEADERS} files and directories")
        kind = block[156:157]
        size = self._number(block[124:136]) if self._size is None or kind in _EXTENDED else self._size
        start = self._wanted_at + _BLOCK
        self._bound(start + size)
        if kind in _EXTENDED:
            if size > MAX_EXTENDED_BYTES:
                self._too_large("has a file name or a symbolic link that is too long")
            self._expect(start, size, partial(self._take_extended, kind, start + _padded(size)))
            return
        self._add(self._name_in(block) if self._name is None else self._name, kind, size, start)
        self._name = self._size = None
        self._expect(start + _padded(size), _BLOCK, self._take_header)

    def _check_header(self, block: bytes) -> None:
        if block[257:262] != _MAGIC:
            self._broken("a header is missing")
        # A header's sum counts its own field as blanks. The low half of an Adler-32 is one plus the sum of
        # all bytes, modulo a prime: as good, without a loop over 512 bytes in Python.
        total = self._number(block[148:156]) - 8 * ord(" ") + sum(block[148:156])
        if (total + 1) % _ADLER_BASE != zlib.adler32(block) & 0xFFFF:
            self._broken("a header is damaged")

    def _take_extended(self, kind: bytes, stop: int, data: bytes) -> None:
        """Learn from an extended header what it says of the next member."""
        if kind == _GNU_NAME:
            self._name = data.partition(b"\0")[0]
        elif kind in {_PAX, _PAX_FOR_ALL}:
            for key, value in self._records(data):
                if kind == _PAX_FOR_ALL and key in {b"path", b"size"}:
                    self._broken("a header gives all files the same name or size")
                self._take_record(key, value)
        self._expect(stop, _BLOCK, self._take_header)

    def _take_record(self, key: bytes, value: bytes) -> None:
        if key == b"path":
            self._name = value
        elif key == b"size":
            if not value.isdigit() or len(value) > _MAX_DIGITS:
                self._broken("a size is not a number")
            self._size = int(value)
        elif key.startswith(b"GNU.sparse."):
            self._broken("a file is stored with holes")

    def _records(self, data: bytes) -> Iterator[tuple[bytes, bytes]]:
        """Read ``length key=value`` lines; the length counts the whole line."""
        at = 0
        while at < len(data):
            space = data.find(b" ", at, at + _MAX_DIGITS)
            digits = data[at : max(at, space)]
            stop = at + int(digits) if digits.isdigit() else 0
            record = data[space + 1 : stop]
            key, equals, value = record[:-1].partition(b"=")
            if not equals or not record.endswith(b"\n") or stop > len(data):
                self._broken("an extended header is damaged")
            yield key, value
            at = stop

    def _name_in(self, block: bytes) -> bytes:
        name = block[:100].partition(b"\0")[0]
        # GNU's own format keeps times where POSIX has the first part of a long name.
        prefix = block[345:500].partition(b"\0")[0] if block[257:263] == _POSIX_MAGIC else b""
        return prefix + b"/" + name if prefix else name

    def _number(self, field: bytes) -> int:
        if field[0] & 0x80:
            return int.from_bytes(field[1:], "big")  # GNU: binary, for what octal digits cannot hold
        match = _OCTAL.fullmatch(field)
        if not match:
            self._broken("a header holds a number that is none")
        return int(match[1] or b"0", 8)

    def _add(self, name: bytes, kind: bytes, size: int, start: int) -> None:
        if kind != _DIRECTORY and kind not in _KINDS:
            self._broken(f"it holds something other than files, symbolic links and directories ({kind!r})")
        if size and _KINDS.get(kind) != "file":
            self._broken("something other than a file has content")
        if kind == _DIRECTORY or not name.startswith(self._prefix):
            return
        path = name[len(self._prefix) :]
        self._name_bytes += len(path)
        if len(self.members) == MAX_ENTRIES:
            self._too_large(f"has more than {MAX_ENTRIES} files")
        if self._name_bytes > MAX_DIRECTORY_BYTES:
            self._too_large(f"has more than {MAX_DIRECTORY_BYTES} bytes of file names")
        self.members.append(TarMember(path.decode("utf-8", "surrogateescape"), _KINDS[kind], size, start))

    def _bound(self, length: int) -> None:
        if length > self._max_bytes:
            self._too_large(f"is longer than {self._max_bytes} bytes")

    def _too_large(self, problem: str) -> NoReturn:
        raise NotExist(
            f"{self._source}: the archive of the module's directory {problem}",
            hint="Keep a module to its source code: move large data elsewhere, then tag a new version.",
        )

    def _broken(self, problem: str) -> NoReturn:
        raise UpstreamBadAnswer(self._source, f"the archive made of the repository is broken: {problem}")


def _padded(size: int) -> int:
    return -(-size // _BLOCK) * _BLOCK
