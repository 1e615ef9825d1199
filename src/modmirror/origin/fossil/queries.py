"""What is asked of a kept clone, in SQL, and how the answers are read. Pure.

Fossil's tables of events, tags and parents are documented and stable. No word of a stranger gets into SQL
but hexadecimal digits. Every row of an answer is one line of JSON.
"""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, NamedTuple

from modmirror.errors import UpstreamBadAnswer
from modmirror.origin.access.vcs import can_be_asked_for
from modmirror.origin.port import Commit, Refs

if TYPE_CHECKING:
    from collections.abc import Iterable

ID_LENGTH = 40
"""Digits of an id: all of the older kind, the first of the 64 that ids have today, as fossil shows them and
the go command knows them."""
SHORT = 12
"""Digits in a pseudo-version (protocol.md A.6)."""
MAX_NAMES = 200_000

_FULL_ID = re.compile(r"[0-9a-f]{40}")
_PREFIX = re.compile(r"[0-9a-f]{7,40}")
_TRUNK = "trunk"
_PROPAGATING = 2
_END = "[]"

PROJECT = "SELECT json_array(value) FROM config WHERE name = 'project-code'"
"""One row, unless what was cloned is no repository."""

# A name stands for the newest check-in that has it: as a tag, or along a branch.
NAMES = f"""
SELECT json_array(substr(tagname, 5), tagtype, substr(uuid, 1, {ID_LENGTH}), max(event.mtime))
FROM tag JOIN tagxref ON tagxref.tagid = tag.tagid
JOIN event ON event.objid = tagxref.rid AND event.type = 'ci'
JOIN blob ON blob.rid = tagxref.rid
WHERE tagname GLOB 'sym-*' AND tagtype > 0
GROUP BY tag.tagid, tagtype
"""  # noqa: S608  # of constants

TAGGED = "SELECT rid FROM tagxref JOIN tag USING (tagid) WHERE tagname GLOB 'sym-*' AND tagtype = 1"


class Name(NamedTuple):
    """What one name stands for."""

    name: str
    tagtype: int
    id: str
    mtime: float


class File(NamedTuple):
    """One file of a check-in."""

    size: int
    content: bytes | None
    """None when it is larger than allowed."""


def is_full_id(text: str) -> bool:
    """Tell whether something has the form of a whole check-in id."""
    return _FULL_ID.fullmatch(text) is not None


def is_prefix(text: str) -> bool:
    """Tell whether something may be the start of a check-in id (protocol.md A.9)."""
    return _PREFIX.fullmatch(text) is not None


def commits_query(prefix: str) -> str:
    """Ask for the check-ins whose ids begin with ``prefix``, at most two."""
    return f"""
SELECT json_array(substr(uuid, 1, {ID_LENGTH}), strftime('%s', datetime(event.mtime)))
FROM blob JOIN event ON event.objid = blob.rid AND event.type = 'ci'
WHERE uuid GLOB '{_hex(prefix)}*' LIMIT 2
"""  # noqa: S608  # of digits


def file_query(commit_id: str, path: str, limit: int) -> str:
    """Ask for a file of a check-in; its content only when it has no more than ``limit`` bytes."""
    return f"""
SELECT json_array(length(content), CASE WHEN length(content) <= {limit:d} THEN hex(content) END)
FROM (SELECT CAST(content(uuid) AS BLOB) AS content FROM files_of_checkin('{_hex(commit_id)}')
      WHERE filename = CAST(X'{path.encode("utf-8", "surrogateescape").hex()}' AS TEXT))
"""  # noqa: S608  # of digits


def ancestors_query(commit_id: str) -> str:
    """Ask for the ids of the tagged check-ins among a check-in and its ancestors."""
    return f"""
WITH RECURSIVE before(rid) AS (
  SELECT rid FROM blob WHERE uuid GLOB '{_hex(commit_id)}*'
  UNION SELECT pid FROM plink JOIN before ON cid = before.rid)
SELECT json_array(substr(uuid, 1, {ID_LENGTH})) FROM before JOIN blob USING (rid) WHERE rid IN ({TAGGED})
"""  # noqa: S608  # of digits


def with_end(sql: str) -> str:
    """Return a query that is the same, and says at its end that it came to its end."""
    return f"SELECT * FROM ({sql}) UNION ALL SELECT '{_END}'"  # noqa: S608  # of ours


def rows(output: bytes) -> list[list[Any]] | None:
    """Read an answer, None when it did not come to its end: fossil's exit code does not tell."""
    # Not splitlines(): JSON leaves other separators of lines as they are, and a name may hold them.
    lines = [line.rstrip("\r") for line in output.decode("utf-8", "surrogateescape").split("\n") if line]
    if not lines or lines.pop() != _END:
        return None
    return [json.loads(line) for line in lines]


def names_of(source: str, found: Iterable[list[Any]]) -> Refs:
    """Return what names stand for. HEAD is trunk, as it is for the go command.

    A name that goes on from a check-in to its children is a branch. The go command knows no tags of fossil;
    whoever sets one all the same means a version.

    Raises:
        UpstreamBadAnswer: there are too many.
    """
    names = [name for row in found if can_be_asked_for((name := Name(*row)).name)]
    if len(names) > MAX_NAMES:
        raise UpstreamBadAnswer(source, f"it has more than {MAX_NAMES} branches and tags")
    ordered = sorted(names, key=lambda each: each.mtime)
    moving = {each.name for each in names if each.tagtype == _PROPAGATING}
    branches = {each.name: each.id for each in ordered if each.name in moving}
    tags = {each.name: each.id for each in ordered if each.name not in moving}
    return Refs(branches.get(_TRUNK, ""), branches, tags)


def commit_of(row: list[Any]) -> Commit | None:
    """Return a check-in as a commit, or None when its time is none."""
    commit_id, seconds = row
    try:
        time = datetime.fromtimestamp(int(seconds), UTC)
    except (OverflowError, ValueError, OSError, TypeError):
        return None
    return Commit(commit_id, commit_id[:SHORT], time)


def file_of(row: list[Any]) -> File | None:
    """Return a file, or None when its content is missing from the repository."""
    size, content = row
    return None if size is None else File(size, None if content is None else bytes.fromhex(content))


def _hex(digits: str) -> str:
    if not _PREFIX.fullmatch(digits):
        raise ValueError("only digits may get into SQL")
    return digits
