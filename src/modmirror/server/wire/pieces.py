"""Content in pieces: read from the store or from a fill, a bounded number of bytes at a time."""

from __future__ import annotations

from typing import TYPE_CHECKING

from modmirror.errors import StorageBroken

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

    from modmirror.proxy.served import Growing
    from modmirror.server.conditional import Span
    from modmirror.storage.port import OpenBlob

MAX_PIECE_BYTES = 122_880
"""Just under the 128 KiB from which on glibc maps fresh pages for each object: three times slower."""
MIN_PIECE_BYTES = 8192
MEMORY_BYTES = 83_886_080
"""What all running answers together may keep alive: 80 MiB."""


def piece_bytes(running: int, copies: int) -> int:
    """Return how much to read at a time when ``running`` answers each keep ``copies`` pieces alive."""
    fair = MEMORY_BYTES // (copies * max(1, running))
    return min(MAX_PIECE_BYTES, max(MIN_PIECE_BYTES, fair))


async def stored_pieces(
    content: OpenBlob, span: Span, size: Callable[[], int]
) -> AsyncIterator[tuple[bytes, bool]]:
    """Yield the span piece by piece, each with whether more follows. ``size`` is asked before each.

    Raises:
        StorageBroken: the file is shorter than it was said to be.
    """
    offset = span.start
    while offset < span.stop:
        wanted = min(size(), span.stop - offset)
        data = content.read_now(offset, wanted)
        if data is None:
            data = await content.read(offset, wanted)
        if not data:
            raise StorageBroken(f"{content.blob.key.path} ends at byte {offset}, not at {span.stop}")
        offset += len(data)
        yield data, offset < span.stop


async def growing_pieces(
    content: Growing, first: bytes, length: int | None, size: Callable[[], int]
) -> AsyncIterator[tuple[bytes, bool]]:
    """Yield a file as it arrives; the last piece may be empty when ``length`` was not promised.

    Raises:
        StorageBroken: it turned out shorter or longer than promised.
        Error: whatever the fill failed with.
    """
    data, offset = first, 0
    while data:
        offset += len(data)
        if length is not None and offset >= length:
            break
        yield data, True
        data = await content.read(offset, size())
    if length is None:
        yield b"", False
    elif offset == length:
        yield data, False
    else:
        raise StorageBroken(f"a file declared as {length} bytes has {'at least ' * bool(data)}{offset}")
