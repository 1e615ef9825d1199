"""Every error modmirror raises on purpose, grouped by what the caller does next.

::

Error:
     ├─ InvalidTarget            the request names nothing that could exist         404
     ├─ NotExist                 known absent; may be cached                        404
     │   └─ FetchDisabled        not stored, and fetching was switched off          404
     ├─ Denied                   policy says no                                     403
     ├─ UpstreamError            try the next upstream, or say which one failed
     │   ├─ UpstreamUnavailable  refused, reset, TLS, DNS, truncated, 5xx           502
     │   ├─ UpstreamTimeout      no answer, or no more of it                        504
     │   │   └─ UpstreamStalled  a body too slow to wait for, while others may do   504
     │   ├─ UpstreamBadAnswer    answered, but not as the protocol says             502
     │   ├─ UpstreamRefused      401, 403, 451: it will not give it to us           502
     │   └─ UpstreamBusy         429 or 503: it asks us to come back later          503
     ├─ VerificationError        never stored, never released, an alarm             502
     │   ├─ BadZip               breaks the rules for module zips
     │   ├─ HashMismatch         not what the checksum database recorded
     │   ├─ BadNote              a tree head that is not signed by the known key
     │   ├─ BadRecord            a lookup that does not prove what it claims
     │   ├─ BadTile              a tile that does not hash up to the tree head
     │   └─ ForkDetected         two signed tree heads that contradict each other
     ├─ ChecksumDatabaseDown     could not be asked, and the route fails closed     503
     ├─ StorageError
     │   ├─ StorageFull          no space; nothing half-stored                      507
     │   ├─ StorageConflict      other bytes under an immutable key: an alarm       500
     │   └─ StorageBroken        the store cannot be read or written                503
     ├─ Overloaded               come back later                                    503
     │   └─ TooManyRequests      this client causes too many fetches                429
     └─ ConfigError              wrong input at start                               exit code 2

The statuses are not set here: :mod:`modmirror.protocol.answer` is the one table that knows them, and a
test walks every class through it. An error's text is for people: what was wrong, where, what to do next.
It never holds a credential or a server path.
"""

from __future__ import annotations

from difflib import get_close_matches
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable


class Error(Exception):
    """Root of the tree. ``hint`` says what the reader can do about it, or is empty."""

    def __init__(self, reason: str, *, hint: str = "") -> None:
        super().__init__(reason)
        self.reason = reason
        self.hint = hint


class InvalidTarget(Error):
    """The request names nothing that could exist: bad escaping, path, version or extension."""


class NotExist(Error):
    """The thing asked for is known not to exist. ``sources`` names who said so."""

    def __init__(self, reason: str, *, hint: str = "", sources: tuple[str, ...] = ()) -> None:
        super().__init__(reason, hint=hint)
        self.sources = sources


class FetchDisabled(NotExist):
    """Not in the store, and the request (or the mirror) forbids fetching it."""


class Denied(Error):
    """Policy refuses this module version to this caller."""


class UpstreamError(Error):
    """An upstream failed. ``upstream`` is its display name, free of credentials."""

    def __init__(self, upstream: str, reason: str, *, hint: str = "") -> None:
        super().__init__(reason, hint=hint)
        self.upstream = upstream


class UpstreamUnavailable(UpstreamError):
    """Refused, reset, TLS or DNS failure, broken body, or a 5xx status."""


class UpstreamTimeout(UpstreamError):
    """No connection, no header or no further byte within the limit."""


class UpstreamStalled(UpstreamTimeout):
    """A body that has become too slow, while there is another upstream to take the rest from."""


class UpstreamBadAnswer(UpstreamError):
    """An answer that the protocol does not allow: wrong version, not JSON, wrong length, too large."""


class UpstreamRefused(UpstreamError):
    """401, 403 or 451. ``status`` is what it said."""

    def __init__(self, upstream: str, reason: str, *, status: int, hint: str = "") -> None:
        super().__init__(upstream, reason, hint=hint)
        self.status = status


class UpstreamBusy(UpstreamError):
    """429, or 503 with Retry-After. ``retry_after`` is in seconds, None when it did not say."""

    def __init__(
        self, upstream: str, reason: str, *, retry_after: float | None = None, hint: str = ""
    ) -> None:
        super().__init__(upstream, reason, hint=hint)
        self.retry_after = retry_after


class VerificationError(Error):
    """Bytes that failed a check. They are never stored and never released whole."""


class BadZip(VerificationError):
    """A module zip that the go command would refuse to extract (protocol.md C.5)."""


class HashMismatch(VerificationError):
    """Content whose ``h1:`` differs from the one in the checksum database."""

    def __init__(self, reason: str, *, want: str, got: str, hint: str = "") -> None:
        super().__init__(reason, hint=hint)
        self.want = want
        self.got = got


class BadNote(VerificationError):
    """A signed note that does not parse, or carries no valid signature by a known key."""


class BadRecord(VerificationError):
    """A lookup answer that does not prove the module version it was asked for."""


class BadTile(VerificationError):
    """A tile whose hashes do not lead to the signed tree head."""


class ForkDetected(VerificationError):
    """Two validly signed tree heads that cannot belong to one append-only log."""


class ChecksumDatabaseDown(Error):
    """The checksum database could not be asked and the route is configured to fail closed."""


class StorageError(Error):
    """The store failed."""


class StorageFull(StorageError):
    """No space left; whatever was being written has been removed."""


class StorageConflict(StorageError):
    """A second put of an immutable key with other bytes. The first bytes stay."""


class StorageBroken(StorageError):
    """The store cannot be read or written."""


class Overloaded(Error):
    """A limit is reached and waiting would be hopeless. ``retry_after`` is in seconds."""

    def __init__(self, reason: str, *, retry_after: float, hint: str = "") -> None:
        super().__init__(reason, hint=hint)
        self.retry_after = retry_after


class TooManyRequests(Overloaded):
    """One client has caused more fetches than it may. Others are served."""


class ConfigError(Error):
    """Wrong configuration or start-up input. ``key`` is the setting at fault."""

    def __init__(self, key: str, reason: str, *, hint: str = "") -> None:
        super().__init__(reason, hint=hint)
        self.key = key


def nearest(name: str, known: Iterable[str]) -> str:
    """Return the hint for a wrong name: ``did you mean "x"?``, or the known ones when none is close."""
    names = sorted(known)
    close = get_close_matches(name, names, n=1, cutoff=0.6)
    if close:
        return f'did you mean "{close[0]}"?'
    return f"known: {', '.join(names)}"
