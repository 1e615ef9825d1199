"""The response headers that matter, read strictly. Pure."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import NamedTuple

MAX_RETRY_AFTER = 86_400.0
"""Seconds: an upstream that asks for more than a day is asked again after a day."""

_CONTENT_RANGE = re.compile(r"bytes (\d{1,18})-(\d{1,18})/(\d{1,18}|\*)", re.ASCII)
_SECONDS = re.compile(r"\d{1,12}", re.ASCII)
_LENGTH = re.compile(r"\d{1,18}", re.ASCII)


class ContentRange(NamedTuple):
    """The part of a file that a 206 answer carries."""

    start: int
    stop: int
    """One past the last byte."""
    total: int | None


def parse_content_range(value: str | None) -> ContentRange | None:
    """Read ``bytes 5-9/100``; None for anything that does not describe one non-empty part."""
    match = _CONTENT_RANGE.fullmatch((value or "").strip())
    if match is None:
        return None
    start, stop = int(match[1]), int(match[2]) + 1
    total = None if match[3] == "*" else int(match[3])
    if start >= stop or (total is not None and stop > total):
        return None
    return ContentRange(start, stop, total)


def parse_length(value: str | None) -> int | None:
    """Read Content-Length, None when there is none. Raises ValueError for one that is no number."""
    if value is None:
        return None
    if not _LENGTH.fullmatch(value.strip()):
        raise ValueError("not a length")
    return int(value)


def parse_retry_after(value: str | None, *, sent: str | None, now: float) -> float | None:
    """Read Retry-After as seconds from now, at least 0; None when absent or unreadable.

    A date is counted from the answer's own ``Date`` (``sent``) where there is one, so that a wrong clock
    on either side does not matter, else from ``now`` in seconds since the epoch.
    """
    text = (value or "").strip()
    if _SECONDS.fullmatch(text):
        return min(float(text), MAX_RETRY_AFTER)
    until = _moment(text)
    if until is None:
        return None
    since = _moment(sent or "")
    return min(max(0.0, until - (now if since is None else since)), MAX_RETRY_AFTER)


def strong_etag(value: str | None) -> str:
    """Return an entity tag with its quotes, or "" for a weak or malformed one."""
    text = (value or "").strip()
    well_formed = len(text) > 2 and text[0] == text[-1] == '"' and '"' not in text[1:-1]  # noqa: PLR2004 - two quotes
    return text if well_formed and text.isascii() and text.isprintable() else ""


def coding_of(value: str | None) -> str:
    """Return the one content coding in lower case; "" for none, "gzip" also for ``x-gzip``."""
    coding = (value or "").strip().lower()
    return {"identity": "", "x-gzip": "gzip"}.get(coding, coding)


def _moment(text: str) -> float | None:
    if not text:
        return None
    try:
        moment = parsedate_to_datetime(text)
    except ValueError:
        return None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return (moment - datetime.fromtimestamp(0, UTC)).total_seconds()
