"""What the orchestrator hands to the HTTP edge: content, and what is known of it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable

    from modmirror.protocol.target import Target
    from modmirror.storage.port import OpenBlob


class CacheState(StrEnum):
    """Where an answer came from, as in ``X-Modmirror-Cache``, the access log and the metrics."""

    HIT = "hit"
    """Stored and current."""
    MISS = "miss"
    """Fetched for this request."""
    COALESCED = "coalesced"
    """Fetched for an earlier request that was still running."""
    REVALIDATING = "revalidating"
    """Stored, a little old; a new answer is being fetched behind it."""
    STALE = "stale"
    """Stored and too old, served because no upstream gave a new answer."""
    NONE = "none"
    """Nothing was looked up: refused, malformed, or made here."""


class Growing(Protocol):
    """A file that is still arriving. Each client holds its own; leaving cancels nothing."""

    @property
    def length(self) -> int | None:
        """Whole length in bytes when the upstream declared it."""

    async def read(self, offset: int, size: int) -> bytes:
        """Return up to ``size`` bytes at ``offset`` as soon as any may be released; b"" at the end.

        Raises the fill's error when it failed: an answer already begun must then be cut off.
        """

    def close(self) -> None:
        """This client reads no further. Safe to call twice."""


def unlimited() -> None:
    """Let a fetch begin."""


@dataclass(frozen=True, slots=True)
class Request:
    """One question, free of HTTP."""

    target: Target
    cached_only: bool = False
    """Serve from the store only (``cached-only`` prefix, ``Disable-Module-Fetch``)."""
    whole: bool = False
    """Wait until a file is complete: for HEAD and Range, which need its length and digest."""
    before_fetch: Callable[[], None] = unlimited
    """Called when nothing stored will do. Raises TooManyRequests if this client may cause no fetch now."""


@dataclass(frozen=True, slots=True)
class Served:
    """An answer's content. Whoever receives it closes ``content`` unless it is bytes."""

    content: bytes | OpenBlob | Growing
    content_type: str
    cache: CacheState
    digest: str = ""
    """SHA-256 of the content in hex, where known; becomes the ETag."""
    upstream: str = ""
    """Display name of the upstream that the content came from, where known."""
    immutable: bool = False
    """True for canonical .info, .mod, .zip and tiles: never changes."""
    max_age: float = 0.0
    """Seconds from ``age`` 0 on that others may keep this answer, when not immutable."""
    age: float = 0.0
    """Seconds since an upstream gave it, when not immutable."""
    private: bool = False
    """True for modules that are not for everybody: no shared cache may keep them."""
    verified: bool = False
    """True when the checksum database vouches for it."""
