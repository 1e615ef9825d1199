"""What a client has already, and which part it wants: RFC 9110 sections 13 and 14, as far as a mirror goes.

Knows validators and spans, not files. Headers are in lower case, as ASGI gives them; a header that does
not parse is treated as absent, which always leads to a whole and correct answer.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import formatdate, parsedate_to_datetime
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

_ENTITY_TAG = re.compile(rb'(?:W/)?("[^"]*")')
# More digits than this exceed any file.
_RANGE = re.compile(rb"bytes=([0-9]{0,18})-([0-9]{0,18})")


@dataclass(frozen=True, slots=True)
class Span:
    """Bytes ``start`` up to but not including ``stop``."""

    start: int
    stop: int


class Unsatisfiable:
    """The range asked for lies outside the file: 416."""


UNSATISFIABLE: Final = Unsatisfiable()


@dataclass(frozen=True, slots=True)
class Validators:
    """What tells one state of a file from another."""

    etag: bytes = b""
    """Strong entity tag with its quotes, or empty."""
    modified: int | None = None
    """Seconds since the epoch of Last-Modified, or None."""


def entity_tag(digest: str, *, gzip: bool = False) -> bytes:
    """Return the strong tag of content with this SHA-256; its compressed form has a tag of its own."""
    if not digest:
        return b""
    return f'"{digest}-gzip"'.encode() if gzip else f'"{digest}"'.encode()


def http_date(seconds: float) -> bytes:
    """Return a time in the form of HTTP."""
    return formatdate(seconds, usegmt=True).encode()


def is_unchanged(headers: Mapping[bytes, bytes], now: Validators) -> bool:
    """Tell whether the client's copy is current, so that 304 will do (RFC 9110, 13.1.2 and 13.1.3)."""
    wanted = headers.get(b"if-none-match")
    if wanted is not None:
        # "If-None-Match takes precedence": the date is not even looked at.
        return matches_any(wanted, now.etag)
    since = headers.get(b"if-modified-since")
    if since is None or now.modified is None:
        return False
    seconds = _parse_date(since)
    return seconds is not None and now.modified <= seconds


def matches_any(tags: bytes, etag: bytes) -> bool:
    """Compare weakly, as If-None-Match does: ``*`` matches whatever exists."""
    if tags.strip() == b"*":
        return True
    return bool(etag) and etag in _ENTITY_TAG.findall(tags)


def wanted_span(
    headers: Mapping[bytes, bytes], length: int, now: Validators
) -> Span | Unsatisfiable | None:
    """Return the part to send, UNSATISFIABLE, or None for the whole (RFC 9110, 14.2).

    Of several ranges none is honoured: "a server MAY ignore the Range header field".
    """
    asked = headers.get(b"range")
    if asked is None or not _may_be_partial(headers, now):
        return None
    found = _RANGE.fullmatch(asked.replace(b" ", b""))
    if found is None:
        return None
    first, last = found.groups()
    if not first:
        return _suffix(last, length)
    start = int(first)
    if last and int(last) < start:
        return None  # 14.1.1: such a range is invalid, and an invalid one is ignored
    if start >= length:
        return UNSATISFIABLE
    return Span(start, min(int(last) + 1, length) if last else length)


def _suffix(last: bytes, length: int) -> Span | Unsatisfiable | None:
    if not last:
        return None
    count = int(last)
    if count == 0 or length == 0:
        return UNSATISFIABLE
    return Span(max(0, length - count), length)


def _may_be_partial(headers: Mapping[bytes, bytes], now: Validators) -> bool:
    """If-Range: a part is of use only to a client whose other parts are of the same state (13.1.5)."""
    guard = headers.get(b"if-range")
    if guard is None:
        return True
    if guard.startswith((b'"', b"W/")):
        # Strong comparison: a weak tag never matches.
        return bool(now.etag) and guard == now.etag
    return now.modified is not None and _parse_date(guard) == now.modified


def _parse_date(value: bytes) -> int | None:
    try:
        moment = parsedate_to_datetime(value.decode("ascii"))
    except ValueError:
        return None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return int((moment - datetime.fromtimestamp(0, UTC)).total_seconds())
