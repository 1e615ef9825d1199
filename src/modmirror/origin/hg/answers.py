"""Reads what hg says of changesets, as JSON. Pure; names and dates were chosen by strangers."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime
from typing import TYPE_CHECKING, TypedDict, cast

from modmirror.errors import UpstreamBadAnswer
from modmirror.origin.access.vcs import can_be_asked_for
from modmirror.origin.port import Commit, Refs

if TYPE_CHECKING:
    from collections.abc import Iterable

SHORT = 12
"""Hexadecimal digits in a pseudo-version (protocol.md A.6)."""
MAX_NAMES = 200_000
"""Branches, tags and bookmarks, which are held in memory."""

NAMED = "head() or tag() or bookmark()"
"""Revset of all changesets that names point at: of each branch its heads, closed ones included."""
FIELDS = "json(rev,node,date,branch,tags,bookmarks,extras)"
"""Template that :func:`parse_changes` reads."""

_TIP = "tip"
"""Not a tag of the repository: hg's own name for its last changeset."""
_FULL_ID = re.compile(r"[0-9a-f]{40}")
_PREFIX = re.compile(r"[0-9a-f]{7,40}")


class Change(TypedDict):
    """One changeset, as hg describes it."""

    rev: int
    """Its number in this clone, in the order of arrival."""
    node: str
    date: list[float]
    """Seconds since the epoch, and the offset of a time zone."""
    branch: str
    tags: list[str]
    bookmarks: list[str]
    extras: dict[str, str]


def is_full_id(text: str) -> bool:
    """Tell whether something has the form of a whole changeset id."""
    return _FULL_ID.fullmatch(text) is not None


def is_prefix(text: str) -> bool:
    """Tell whether something may be the start of a changeset id (protocol.md A.9)."""
    return _PREFIX.fullmatch(text) is not None


def parse_changes(source: str, output: bytes) -> list[Change]:
    """Return changesets in the order they are in. Raises UpstreamBadAnswer."""
    try:
        return cast("list[Change]", json.loads(output))
    except ValueError as error:
        raise UpstreamBadAnswer(source, "hg does not say it in JSON") from error


def names_of(source: str, changes: Iterable[Change]) -> Refs:
    """Return what names point at. ``changes`` must hold all changesets of :data:`NAMED`.

    Bookmarks count as branches, and hide a branch of the same name, as they do for hg. HEAD is tip, as it
    is for the go command (protocol.md D.7).

    Raises:
        UpstreamBadAnswer: there are too many.
    """
    ordered = sorted(changes, key=lambda change: (not _is_closed(change), change["rev"]))
    # Of several heads the last open one is what the branch stands for; a closed branch has no other.
    branches = {change["branch"]: change["node"] for change in ordered}
    branches |= {name: change["node"] for change in ordered for name in change["bookmarks"]}
    branches = {name: node for name, node in branches.items() if can_be_asked_for(name)}
    tags = {
        name: change["node"]
        for change in ordered
        for name in change["tags"]
        if name != _TIP and can_be_asked_for(name)
    }
    if len(branches) + len(tags) > MAX_NAMES:
        raise UpstreamBadAnswer(source, f"it has more than {MAX_NAMES} branches, bookmarks and tags")
    last = max(ordered, key=lambda change: change["rev"], default=None)
    return Refs(last["node"] if last else "", branches, tags)


def commit_of(change: Change) -> Commit | None:
    """Return a changeset as a commit, or None when its time is none."""
    try:
        time = datetime.fromtimestamp(int(change["date"][0]), UTC)
    except (OverflowError, ValueError, OSError):
        return None
    return Commit(change["node"], change["node"][:SHORT], time)


def _is_closed(change: Change) -> bool:
    return change["extras"].get("close") == "1"
