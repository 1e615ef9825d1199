"""Builds tar archives header by header, with every field free to lie."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Iterable

Style = Literal["posix", "gnu"]

BLOCK = 512
END = bytes(2 * BLOCK)
MAGIC: dict[Style, bytes] = {"posix": b"ustar\x0000", "gnu": b"ustar  \0"}


@dataclass(frozen=True, slots=True)
class Entry:
    """One member. What is None follows from the rest; anything can be made to lie."""

    name: bytes
    data: bytes = b""
    kind: bytes = b"0"
    prefix: bytes = b""
    link: bytes = b""
    style: Style = "posix"
    size: bytes | None = None
    checksum: bytes | None = None
    magic: bytes | None = None
    padding: bytes | None = None

    def bytes(self) -> bytes:
        """The header, the content and its padding."""
        size = b"%011o\0" % len(self.data) if self.size is None else self.size
        magic = MAGIC[self.style] if self.magic is None else self.magic
        head = self.name.ljust(100, b"\0") + b"0000644\0" + b"0000000\0" * 2 + size + b"%011o\0" % 0
        tail = self.kind + self.link.ljust(100, b"\0") + magic + bytes(80) + self.prefix.ljust(155, b"\0")
        block = bytearray((head + b" " * 8 + tail).ljust(BLOCK, b"\0"))
        block[148:156] = b"%06o\0 " % sum(block) if self.checksum is None else self.checksum
        padding = bytes(-len(self.data) % BLOCK) if self.padding is None else self.padding
        return bytes(block) + self.data + padding


def pax(records: dict[bytes, bytes], kind: bytes = b"x") -> Entry:
    """An extended header of POSIX, for the next member or (kind ``g``) for all."""
    return Entry(b"pax_header", b"".join(map(record, records, records.values())), kind)


def record(key: bytes, value: bytes) -> bytes:
    """One line of it, which begins with its own length."""
    length = len(key) + len(value) + 3
    while len(b"%d" % length) + len(key) + len(value) + 3 != length:
        length = len(b"%d" % length) + len(key) + len(value) + 3
    return b"%d %s=%s\n" % (length, key, value)


def gnu_name(name: bytes) -> Entry:
    """GNU's way to give the next member a long name."""
    return Entry(b"././@LongLink", name + b"\0", b"L", style="gnu")


def tar(entries: Iterable[Entry], end: bytes = END) -> bytes:
    """Put members together."""
    return b"".join(entry.bytes() for entry in entries) + end
