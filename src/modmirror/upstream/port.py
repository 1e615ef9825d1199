"""The port of an upstream: one GET below the base of another GOPROXY.

Adapters translate every failure of their library into :class:`modmirror.errors.UpstreamError`. Statuses
are *not* failures here: what a 404 or a 500 means for the chain is decided by
:mod:`modmirror.protocol.chain`. Every implementation passes ``tests/contract/upstream_suite.py``.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping
    from contextlib import AbstractAsyncContextManager

    from modmirror.mod.zipscan import ScannedEntry


@dataclass(frozen=True, slots=True)
class Reply:
    """Status, the headers that matter, and the body as it arrives."""

    status: int
    body: AsyncIterator[bytes]
    """Chunks of any size but never empty. Iterating raises UpstreamUnavailable when the connection
    breaks or the body ends early, UpstreamTimeout when no byte arrives within the limit,
    UpstreamBadAnswer when it is longer than declared."""
    length: int | None = None
    """Bytes in this body, when declared."""
    start: int = 0
    """Offset of the first byte in the whole file: not 0 only for status 206."""
    total: int | None = None
    """Bytes in the whole file, when known."""
    etag: str = ""
    """As sent, quotes included; empty when there was none or it was weak."""
    content_type: str = ""
    retry_after: float | None = None
    """Seconds, from Retry-After."""
    age: float = 0.0
    """Seconds since the answer was true at its source, where that is known to be longer ago than now."""
    scanned: Mapping[int, ScannedEntry] | None = None
    """The entries of a zip that this mirror has just written itself, hashed on the way, by offset of the
    local header. Never from what a stranger says."""


class Upstream(Protocol):
    """One GOPROXY (or checksum database) that can be read."""

    @property
    def name(self) -> str:
        """Display name: the URL without credentials. Used in logs, headers, metrics and errors."""

    def get(self, path: str, *, offset: int = 0, if_range: str = "") -> AbstractAsyncContextManager[Reply]:
        """GET ``path`` (escaped, no leading slash) below the base.

        With ``offset`` asks for the rest of a file (``Range``), guarded by ``if_range`` where given; the
        answer may be 206, or 200 with the whole file. Entering raises InvalidTarget for a path that could
        leave the base, UpstreamUnavailable, UpstreamTimeout, or UpstreamBadAnswer for what is no usable
        answer whatever its status (not HTTP, redirects in a circle, another range than asked for).
        Leaving early drops the connection.
        """

    async def close(self) -> None:
        """Close idle connections."""
