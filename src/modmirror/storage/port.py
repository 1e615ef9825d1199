"""The two ports of storage: immutable module files, and documents that may change.

Module files (``.info``, ``.mod``, ``.zip``) are written once and never change. Documents are everything
that does: version lists, ``@latest``, answers to version queries, and what is kept of checksum databases.
Every implementation passes ``tests/contract/storage_suite.py``.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, Protocol

if TYPE_CHECKING:
    from modmirror.mod.escape import EscapedPath, EscapedVersion

Extension = Literal["info", "mod", "zip"]


@dataclass(frozen=True, slots=True)
class BlobKey:
    """Names one immutable file of one module version, in escaped form: safe as a file name."""

    module: EscapedPath
    version: EscapedVersion
    extension: Extension

    @property
    def path(self) -> str:
        """The path below a GOPROXY root, e.g. ``github.com/!azure/x/@v/v1.0.0.zip``."""
        return f"{self.module}/@v/{self.version}.{self.extension}"


@dataclass(frozen=True, slots=True)
class Blob:
    """What is known of stored bytes without reading them."""

    key: BlobKey
    size: int
    digest: str
    """SHA-256 of the bytes, lower-case hex: the strong ETag."""
    stored_at: float
    """Seconds since the epoch."""


class OpenBlob(Protocol):
    """A stored file opened for reading. Stays readable until closed, whatever happens to the store."""

    blob: Blob

    @property
    def descriptor(self) -> int | None:
        """Descriptor of the file that holds just these bytes, for sendfile; None if there is none.

        It stays the blob's: valid until that is closed.
        """

    def read_now(self, offset: int, size: int) -> bytes | None:
        """Return up to ``size`` bytes if that needs no waiting for a disk, else None.

        MUST be safe to call on the event loop. Empty only at or after the end.
        """

    async def read(self, offset: int, size: int) -> bytes:
        """Return up to ``size`` bytes, waiting if need be. Empty only at or after the end."""

    def close(self) -> None:
        """Give the file back. Safe to call twice."""


class Spool(Protocol):
    """A growing file that a fill writes and any number of waiting clients read.

    ``write`` may block and is called from a worker thread, one call at a time; ``read`` is called on the
    event loop for bytes that have been written, and may run beside ``write``.
    """

    def write(self, data: bytes) -> None:
        """Append. Raises StorageFull or StorageBroken."""

    def read(self, offset: int, size: int) -> bytes:
        """Return up to ``size`` bytes already written at ``offset``."""

    def truncate(self) -> None:
        """Forget everything written, to start again at 0."""

    def close(self) -> None:
        """Discard the file unless it has been put. Open readers go on reading. Safe to call twice."""


class ModuleStorage(Protocol):
    """Where module files are kept. Keys are immutable."""

    async def open(self, key: BlobKey) -> OpenBlob | None:
        """Open a stored file, or return None if there is none.

        Raises:
            StorageBroken: the store cannot be read. A failure MUST NOT look like an absent file.
        """

    async def spool(self) -> Spool:
        """Start a growing file on the same device as the store. Raises StorageFull, StorageBroken."""

    async def put(self, key: BlobKey, source: bytes | Spool, digest: str, h1: str = "") -> Blob:
        """Store bytes under a key: compare or create, atomic, durable when it returns.

        ``digest`` is the SHA-256 of the source in hex. ``h1`` is the dirhash of a zip (kept as
        ``.ziphash``) or empty. After a put of a ``.mod`` the version is in the module's ``list``.

        Raises:
            StorageConflict: other bytes are stored under the key; they stay.
            StorageFull, StorageBroken: nothing of the source is left behind.
        """

    async def versions(self, module: EscapedPath) -> list[str]:
        """Unescaped versions with a stored ``.mod``, in no particular order; empty if there are none."""

    async def check(self) -> None:
        """Raise StorageBroken or StorageFull if a put could not work now (readiness)."""

    async def close(self) -> None:
        """Finish pending writes and let go of everything."""


@dataclass(frozen=True, slots=True)
class Document:
    """A changeable answer, with when and from whom it came."""

    body: bytes
    fetched_at: float
    """Seconds since the epoch."""
    source: str = ""
    """Display name of the upstream that said so."""
    missing: bool = False
    """True when the answer was "not found"; ``body`` is then the reason."""


class DocumentStorage(Protocol):
    """Where documents are kept. Last write wins; survives a crash whole or not at all."""

    def get(self, key: str) -> Document | None:
        """Return a document, or None. Costs microseconds; safe on the event loop."""

    async def put(self, key: str, document: Document) -> None:
        """Store or replace. Visible to ``get`` when it returns, durable soon after."""

    async def delete(self, key: str) -> None:
        """Forget a document; no error if there is none."""

    async def close(self) -> None:
        """Finish pending writes and let go of everything."""
