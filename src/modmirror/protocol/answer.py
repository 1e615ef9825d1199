"""The one table from errors to answers, and Cache-Control for successes (protocol.md A.14, A.15).

An error's text reaches the developer through the go command, which shows at most 8 lines of ``text/plain``,
stops at a blank line, and drops all of it for one character that is not graphic.
"""

from __future__ import annotations

import math
import unicodedata
from dataclasses import dataclass
from typing import TYPE_CHECKING

from modmirror import errors

if TYPE_CHECKING:
    from collections.abc import Iterable

MAX_TEXT_BYTES = 600
"""Below the 648 bytes that the go command shows."""
MAX_TEXT_LINES = 8

_NO_STORE = "no-store"
_WEEK = 604_800
_YEAR = 31_536_000


@dataclass(frozen=True, slots=True)
class Answer:
    """A whole answer to send. Header names are in lower case."""

    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes


@dataclass(frozen=True, slots=True)
class _Row:
    status: int
    heading: str
    """What the text begins with, before the reason."""
    cache_control: str = _NO_STORE


_INTERNAL = _Row(500, "internal error")

# The class itself or its nearest ancestor in the table decides.
_ROWS: dict[type[BaseException], _Row] = {
    errors.Error: _INTERNAL,
    # Nothing can make a malformed path exist: a day.
    errors.InvalidTarget: _Row(404, "not found", "public, max-age=86400"),
    # New modules and versions appear at any time: a minute.
    errors.NotExist: _Row(404, "not found", "public, max-age=60"),
    # 403, because 404 would send "GOPROXY=mirror,direct" around the policy.
    errors.Denied: _Row(403, "forbidden"),
    errors.UpstreamError: _Row(502, "bad gateway"),
    errors.UpstreamTimeout: _Row(504, "gateway timeout"),
    errors.UpstreamBusy: _Row(503, "temporarily unavailable"),
    errors.VerificationError: _Row(502, "verification failed"),
    errors.ChecksumDatabaseDown: _Row(503, "checksum database unavailable"),
    errors.StorageError: _Row(500, "storage error"),
    errors.StorageFull: _Row(507, "storage full"),
    errors.StorageBroken: _Row(503, "storage unavailable"),
    errors.Overloaded: _Row(503, "overloaded"),
    errors.TooManyRequests: _Row(429, "too many requests"),
}


def answer_for_error(error: Exception) -> Answer:
    """Return what to tell the client about a failure.

    Anything but an :class:`modmirror.errors.Error` is a bug: its text is for the log and not repeated.
    """
    row = _row(error)
    body = _text(_lines(row, error))
    headers = [
        ("content-type", "text/plain; charset=utf-8"),
        ("content-length", str(len(body))),
        ("cache-control", row.cache_control),
    ]
    if isinstance(error, errors.UpstreamBusy | errors.Overloaded) and error.retry_after is not None:
        headers.append(("retry-after", _whole_seconds(error.retry_after)))
    return Answer(row.status, tuple(headers), body)


def cache_control(*, immutable: bool, max_age: float, verified: bool, private: bool = False) -> str:
    """Return Cache-Control for a success; ``max_age`` in seconds counts only when not ``immutable``.

    Without the word of a checksum database an unchanging file gets a week, so that a mistake can heal.
    What is ``private`` is for the client alone: no cache in between may show it to others.
    """
    audience = "private" if private else "public"
    if immutable:
        return f"{audience}, max-age={_YEAR}, immutable" if verified else f"{audience}, max-age={_WEEK}"
    seconds = int(max_age)
    return f"{audience}, max-age={seconds}" if seconds > 0 else "no-cache"


def _row(error: Exception) -> _Row:
    if isinstance(error, errors.ConfigError):
        # It belongs to start-up; met while serving, it is a bug like any other.
        return _INTERNAL
    return next((_ROWS[kind] for kind in type(error).__mro__ if kind in _ROWS), _INTERNAL)


def _lines(row: _Row, error: Exception) -> Iterable[str]:
    if row is _INTERNAL or not isinstance(error, errors.Error):
        return [row.heading]
    source = f"{error.upstream}: " if isinstance(error, errors.UpstreamError) else ""
    return [*f"{row.heading}: {source}{error.reason}".split("\n"), *error.hint.split("\n")]


def _text(lines: Iterable[str]) -> bytes:
    """Put lines together in a form that the go command shows whole."""
    graphic = ("".join(map(_graphic, line)).strip() for line in lines)
    kept = [line for line in graphic if line][:MAX_TEXT_LINES]
    body = "\n".join(kept).encode()
    if len(body) >= MAX_TEXT_BYTES:
        # A cut may go through a character; what is left of that one is dropped.
        body = body[: MAX_TEXT_BYTES - len("...\n")].decode(errors="ignore").rstrip().encode() + b"..."
    return body + b"\n"


def _graphic(character: str) -> str:
    """Keep letters, marks, numbers, punctuation, symbols and spaces; show "?" for anything else."""
    category = unicodedata.category(character)
    return character if category[0] in "LMNPS" or category == "Zs" else "?"


def _whole_seconds(seconds: float) -> str:
    return str(math.ceil(min(max(1.0, seconds), 86_400.0)))
