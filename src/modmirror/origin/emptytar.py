"""The archive of a directory that a commit does not have."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

EMPTY_TAR = bytes(1024)
"""What ends a tar archive, and all there is of one without files."""


async def empty_archive() -> AsyncIterator[bytes]:
    """Stream a tar without files, as :meth:`modmirror.origin.port.Repository.archive` asks for."""
    yield EMPTY_TAR
