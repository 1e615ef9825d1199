"""Hashes the entries of a zip while it is still arriving.

Once the last byte is there, the directory decides what the zip means (:mod:`modmirror.mod.zipdir`); what
was hashed on the way only saves inflating it again. So a scan may give up at any oddity, and is trusted no
further than it says: the local header at this offset was this, the content behind it hashes to that.
"""

from __future__ import annotations

import hashlib
import struct
from functools import partial
from typing import TYPE_CHECKING, NamedTuple, cast

from zlib_ng import zlib_ng

from modmirror.errors import BadZip
from modmirror.mod.zipdir import (
    DEFLATED,
    DESCRIPTOR_SIGNATURE,
    HAS_DESCRIPTOR,
    LOCAL_HEADER,
    LOCAL_SIGNATURE,
    MAX_DIRECTORY_BYTES,
    MAX_ENTRIES,
    STORED,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from zlib_ng.zlib_ng import _Decompress

MAX_CONTENT_BYTES = 524_288_000
"""Sum of the sizes of a module's files, as in the go command: 500 MiB (protocol.md C.5)."""

# zlib copies what is left of its input when a stream ends or its output is full, so it gets little at once:
# less as long as it may be a small file's. Much less would be slow too: each time threads meet at the GIL.
_FIRST_INPUT_BYTES = 16_384
_INPUT_BYTES = 65_536
_OUTPUT_BYTES = 262_144
_RAW_DEFLATE = -15
# Not ISA-L, though it is a little faster: it decodes streams with incomplete Huffman codes, which the go
# command refuses. An upstream could have us keep a zip for ever that hashes right and nobody can extract.
_InflateError = cast("type[Exception]", zlib_ng.error)

_DESCRIPTORS = (struct.Struct("<4sIQQ"), struct.Struct("<4sIII"))
_BARE_DESCRIPTORS = (struct.Struct("<IQQ"), struct.Struct("<III"))
_LONGEST_DESCRIPTOR = _DESCRIPTORS[0].size
_SIGNATURE_NUMBER = int.from_bytes(DESCRIPTOR_SIGNATURE, "little")


class ScannedEntry(NamedTuple):
    """What stands at one local header: its words, and measures of the content behind it."""

    name: bytes
    method: int
    flags: int
    sha256: bytes
    compressed_size: int
    size: int
    crc: int
    length: int
    """Bytes from the local header to the end of the content and its data descriptor."""


class EntryHasher:
    """Inflates and measures one entry's content, in memory that does not grow.

    ``max_size`` bounds the inflated size; more raises BadZip, as does data that is not deflate.
    """

    __slots__ = ("_inflate", "_max_size", "_sha256", "compressed_size", "crc", "ended", "size")

    def __init__(self, method: int, max_size: int) -> None:
        self._inflate = zlib_ng.decompressobj(_RAW_DEFLATE) if method == DEFLATED else None
        self._sha256 = hashlib.sha256()
        self._max_size = max_size
        self.crc = 0
        self.size = 0
        self.compressed_size = 0
        self.ended = False
        """A deflate stream has come to its end. Stored content does not know its own."""

    @property
    def sha256(self) -> bytes:
        """Digest of the content so far."""
        return self._sha256.digest()

    def feed(self, data: memoryview) -> int:
        """Take bytes and return how many; fewer than given only when a deflate stream has ended."""
        inflate = self._inflate
        if inflate is None:
            self._add(data)
            self.compressed_size += len(data)
            return len(data)
        taken = 0
        while taken < len(data) and not self.ended:
            most = _INPUT_BYTES if self.compressed_size else _FIRST_INPUT_BYTES
            piece = data[taken : taken + most]
            used = len(piece) - self._expand(inflate, piece)
            taken += used
            self.compressed_size += used
        return taken

    def _expand(self, inflate: _Decompress, piece: bytes | memoryview) -> int:
        """Inflate a piece; return how many of its bytes lie behind the end of the stream."""
        while True:
            try:
                output = inflate.decompress(piece, _OUTPUT_BYTES)
            except _InflateError as error:
                raise BadZip("compressed data is broken") from error
            self._add(output)
            if inflate.eof:
                self.ended = True
                return len(inflate.unused_data)
            piece = inflate.unconsumed_tail
            if not piece and len(output) < _OUTPUT_BYTES:
                return 0

    def _add(self, output: bytes | memoryview) -> None:
        self.size += len(output)
        if self.size > self._max_size:
            raise BadZip("content is larger than declared or allowed")
        self._sha256.update(output)
        self.crc = zlib_ng.crc32(output, self.crc)


class Allowance:
    """How much all scans of one file may learn together: inflating the same bytes twice is not for free.

    Scans in several threads may overdraw it by what each of them has in hand.
    """

    __slots__ = ("content", "entries", "names")

    def __init__(self) -> None:
        self.content = MAX_CONTENT_BYTES
        """Bytes of content still to be inflated."""
        self.entries = MAX_ENTRIES
        """Entries still to be remembered."""
        self.names = MAX_DIRECTORY_BYTES
        """Bytes of names in them."""

    @property
    def spent(self) -> bool:
        """Whether enough is known."""
        return self.content < 0 or self.entries <= 0 or self.names < 0


class _Arriving(NamedTuple):
    """The entry whose content or descriptor is arriving."""

    name: bytes
    method: int
    flags: int
    head_length: int
    declared: int
    """Compressed size as the local header gives it; only stored content depends on it."""
    content: EntryHasher


class ZipScan:
    """Fed with a zip from a local header on, in pieces of any size. Not for several threads at once."""

    def __init__(self, start: int = 0, stop: int | None = None, allowance: Allowance | None = None) -> None:
        """Begin at offset ``start``, and leave headers at or behind ``stop`` to another scan.

        What stands at ``start`` may be no header at all: then nothing is learnt, or something that the
        directory will not ask for.
        """
        self.scanned: dict[int, ScannedEntry] = {}
        """By offset of the local header."""
        self.stopped = False
        """Nothing more will be learnt: ``stop`` or the directory was reached, or something was odd."""
        self._header_at = start
        self._stop = stop
        self._allowance = allowance or Allowance()
        self._gathered = bytearray()
        self._expect(LOCAL_HEADER.size, self._take_header)

    def feed(self, data: bytes) -> None:
        """Take the next bytes of the zip. Never raises on what they say."""
        view = memoryview(data)
        try:
            while view and not self.stopped:
                view = view[self._step(view) :]
        except BadZip:
            # Perhaps the directory does not name this entry. If it does, verification meets these bytes.
            self.stopped = True

    def _expect(self, length: int, take: Callable[[bytes], None]) -> None:
        """Gather ``length`` bytes next, then hand them over."""
        self._step: Callable[[memoryview], int] = partial(self._gather, length, take)

    def _gather(self, length: int, take: Callable[[bytes], None], view: memoryview) -> int:
        taken = min(length - len(self._gathered), len(view))
        self._gathered += view[:taken]
        if len(self._gathered) == length:
            gathered = bytes(self._gathered)
            self._gathered.clear()
            take(gathered)
        return taken

    def _take_header(self, header: bytes) -> None:
        signature, flags, method, _, compressed_size, _, name_length, extra_length = LOCAL_HEADER.unpack(
            header
        )
        endless = method == STORED and flags & HAS_DESCRIPTOR
        if (
            signature != LOCAL_SIGNATURE
            or method not in {STORED, DEFLATED}
            or endless
            or self._allowance.spent
        ):
            self.stopped = True
            return

        def take_name(names: bytes) -> None:
            content = EntryHasher(method, self._allowance.content)
            length = len(header) + len(names)
            name = names[:name_length]
            arriving = _Arriving(name, method, flags, length, compressed_size, content)
            if method == DEFLATED:
                self._step = partial(self._inflate, arriving)
            elif compressed_size:
                self._step = partial(self._copy, arriving)
            else:
                self._finish(arriving, 0)

        self._expect(name_length + extra_length, take_name)

    def _copy(self, arriving: _Arriving, view: memoryview) -> int:
        content = arriving.content
        taken = self._measure(content, view[: arriving.declared - content.compressed_size])
        if content.compressed_size == arriving.declared:
            self._finish(arriving, 0)
        return taken

    def _inflate(self, arriving: _Arriving, view: memoryview) -> int:
        taken = self._measure(arriving.content, view)
        if not arriving.content.ended:
            return taken
        if arriving.flags & HAS_DESCRIPTOR:
            # The longest there is: the directory that follows has more bytes than this is too long.
            self._expect(_LONGEST_DESCRIPTOR, partial(self._take_descriptor, arriving))
        else:
            self._finish(arriving, 0)
        return taken

    def _measure(self, content: EntryHasher, view: memoryview) -> int:
        before = content.size
        taken = content.feed(view)
        self._allowance.content -= content.size - before
        if self._allowance.content < 0:
            raise BadZip("the files are too large together")
        return taken

    def _take_descriptor(self, arriving: _Arriving, data: bytes) -> None:
        length = _descriptor_length(arriving.content, data)
        if length == 0:
            self.stopped = True
            return
        self._finish(arriving, length)
        self._gathered += data[length:]

    def _finish(self, arriving: _Arriving, descriptor_length: int) -> None:
        content = arriving.content
        length = arriving.head_length + content.compressed_size + descriptor_length
        self.scanned[self._header_at] = ScannedEntry(
            arriving.name,
            arriving.method,
            arriving.flags,
            content.sha256,
            content.compressed_size,
            content.size,
            content.crc,
            length,
        )
        self._header_at += length
        self._allowance.entries -= 1
        self._allowance.names -= len(arriving.name)
        if self._stop is not None and self._header_at >= self._stop:
            self.stopped = True
        else:
            self._expect(LOCAL_HEADER.size, self._take_header)


def _descriptor_length(content: EntryHasher, data: bytes) -> int:
    """Return the length of the data descriptor that repeats these measures, or 0."""
    measures = (content.crc, content.compressed_size, content.size)
    # 64-bit sizes first: 32-bit ones can look like their beginning, never the other way round.
    for layout in _DESCRIPTORS:
        if data.startswith(layout.pack(DESCRIPTOR_SIGNATURE, *measures)):
            return layout.size
    if content.crc == _SIGNATURE_NUMBER:
        return 0  # the go command would take the CRC-32 for the signature
    for layout in _BARE_DESCRIPTORS:
        if data.startswith(layout.pack(*measures)):
            return layout.size
    return 0
