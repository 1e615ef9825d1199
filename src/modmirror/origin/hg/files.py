"""Reads one file out of the tar that ``hg archive`` makes of it.

``hg cat`` would be simpler, but it makes directories for the subrepositories that a commit names.
"""

from __future__ import annotations

import io
import tarfile
from typing import TYPE_CHECKING

from modmirror.errors import UpstreamBadAnswer
from modmirror.mod.tarscan import TarScan

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

OVERHEAD_BYTES = 1 << 17
"""What a tar of one file may have besides its content: headers with a long name, and padding."""

_ANY_LENGTH = 1 << 60


async def only_file(source: str, path: str, limit: int, pieces: AsyncIterator[bytes]) -> bytes | None:
    """Return the content of the archive's first member if that is ``path``, a symlink's target as text.

    None when the first member is another, which means that ``path`` is a directory.

    Raises:
        UpstreamBadAnswer: the file is larger than ``limit``.
    """
    scan = TarScan(source, max_bytes=_ANY_LENGTH)  # judged here, by what the file itself declares
    data = bytearray()
    async for piece in pieces:
        scan.feed(piece)
        data += piece
        first = scan.members[0] if scan.members else None
        if first is not None and first.path != path:
            return None
        if first is not None and first.size > limit:
            reason = f"{path} has {first.size} bytes, where {limit} are allowed"
            raise UpstreamBadAnswer(source, reason)
    members = scan.finish()
    if not members:
        return None
    _, kind, size, offset = members[0]
    return _link_target(data) if kind == "symlink" else bytes(data[offset : offset + size])


def _link_target(data: bytes | bytearray) -> bytes:
    with tarfile.open(fileobj=io.BytesIO(data), mode="r:") as archive:
        return archive.getmembers()[0].linkname.encode("utf-8", "surrogateescape")
