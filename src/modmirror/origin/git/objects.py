"""Reads what ``git cat-file --batch`` says of objects. Pure."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import NamedTuple

from modmirror.origin.port import Commit

SHORT = 12
"""Hexadecimal digits in a pseudo-version (protocol.md A.6)."""

_HEADER = re.compile(rb"(?P<id>[0-9a-f]{40,64}) (?P<type>blob|tree|commit|tag) (?P<size>[0-9]{1,18})")
_FULL_ID = re.compile(r"[0-9a-f]{40}|[0-9a-f]{64}")
_PREFIX = re.compile(r"[0-9a-f]{7,64}")
# The first such line counts. The name before it may hold anything but newlines and angle brackets.
_COMMITTER = re.compile(rb"\ncommitter [^\n]*> (?P<seconds>-?[0-9]{1,12})(?: [+-][0-9]{4,8})?\n")


class ObjectHeader(NamedTuple):
    """What an object is, without its content."""

    id: str
    type: str
    size: int


def is_full_id(text: str) -> bool:
    """Tell whether something has the form of a whole object id."""
    return _FULL_ID.fullmatch(text) is not None


def is_prefix(text: str) -> bool:
    """Tell whether something may be the start of a commit id (protocol.md A.9)."""
    return _PREFIX.fullmatch(text) is not None


def parse_header(line: bytes) -> ObjectHeader | None:
    """Return what the first line of an answer says, or None when there is no such object."""
    match = _HEADER.fullmatch(line)
    return ObjectHeader(match["id"].decode(), match["type"].decode(), int(match["size"])) if match else None


def parse_commit(commit_id: str, content: bytes) -> Commit | None:
    """Return a commit from its content, or None when its time is none."""
    header, _, _ = content.partition(b"\n\n")
    match = _COMMITTER.search(header + b"\n")
    if match is None:
        return None
    try:
        time = datetime.fromtimestamp(int(match["seconds"]), UTC)
    except (OverflowError, ValueError, OSError):
        return None
    return Commit(commit_id, commit_id[:SHORT], time)
