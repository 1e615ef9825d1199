"""Reads what svn says of histories and tags, as XML. Pure; paths and names were chosen by strangers."""

from __future__ import annotations

import re
from bisect import bisect_right
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import unquote
from xml.etree import ElementTree as ET

from modmirror.errors import UpstreamBadAnswer
from modmirror.origin.port import Commit

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

SHORT = 12
"""Digits in a pseudo-version (protocol.md A.6)."""
MAX_TAGS = 200_000
_REVISION = re.compile(r"[0-9]{1,12}")


class Info(NamedTuple):
    """What the URL is at this moment."""

    uuid: str
    """Of the repository: another one at the same place has another."""

    path: str
    """Of the URL within its repository, beginning with a slash; a lone slash is the root."""
    youngest: int
    """Newest revision of the whole repository."""
    is_directory: bool


class History:
    """The revisions that changed what is at the URL, as long as it has been there."""

    def __init__(self, times: Mapping[int, datetime]) -> None:
        self._times = times
        self._revisions = sorted(times)

    @property
    def head(self) -> str:
        """The newest of them, empty when there is none."""
        return str(self._revisions[-1]) if self._revisions else ""

    def at(self, revision: int) -> Commit | None:
        """Return the last change up to a revision: what is there then. None before the first."""
        index = bisect_right(self._revisions, revision)
        if not index:
            return None
        last = self._revisions[index - 1]
        return Commit(str(last), f"{last:0{SHORT}}", self._times[last])


@dataclass(frozen=True, slots=True)
class PathChange:
    """What one revision did to one path."""

    revision: int
    path: str
    copied_from: tuple[str, int] | None
    """Path and revision."""


def parse_revision(text: str) -> int | None:
    """Return the number of a revision, or None when it is none."""
    return int(text) if _REVISION.fullmatch(text) else None


def parse_info(source: str, output: bytes) -> Info:
    """Read ``svn info --xml`` of one URL. Raises UpstreamBadAnswer."""
    entry = _parsed(source, output).find("entry")
    if entry is None:
        raise UpstreamBadAnswer(source, "svn says nothing of it")
    relative = unquote(entry.findtext("relative-url") or "")
    revision = parse_revision(entry.get("revision") or "")
    if not relative.startswith("^/") or revision is None:
        raise UpstreamBadAnswer(source, "svn does not say where in its repository it is")
    uuid = entry.findtext("repository/uuid") or ""
    return Info(uuid, relative.removeprefix("^"), revision, entry.get("kind") == "dir")


def parse_history(source: str, output: bytes) -> History:
    """Read ``svn log --xml``. Raises UpstreamBadAnswer."""
    times = {}
    for entry in _parsed(source, output).iter("logentry"):
        time = _time(entry.findtext("date") or "")
        revision = parse_revision(entry.get("revision") or "")
        # The first revision of all has nothing in it; one without a date cannot be a version.
        if revision and time is not None:
            times[revision] = time
    return History(times)


def parse_changes(source: str, output: bytes) -> list[PathChange]:
    """Read ``svn log --xml --verbose``, oldest first, in a revision parents first.

    Raises:
        UpstreamBadAnswer: it is nonsense.
    """
    found = []
    for entry in _parsed(source, output).iter("logentry"):
        revision = parse_revision(entry.get("revision") or "")
        for path in entry.iter("path"):
            before = parse_revision(path.get("copyfrom-rev") or "")
            origin = path.get("copyfrom-path")
            copied = None if before is None or origin is None else (origin, before)
            found.append(PathChange(revision or 0, path.text or "", copied))
    return sorted(found, key=lambda change: (change.revision, change.path))


def parse_names(source: str, output: bytes) -> list[str]:
    """Read ``svn list``: the names of directories. Raises UpstreamBadAnswer."""
    lines = output.decode("utf-8", "replace").split("\n")
    names = [line.removesuffix("/") for line in lines if line.endswith("/")]
    if len(names) > MAX_TAGS:
        raise UpstreamBadAnswer(source, f"it has more than {MAX_TAGS} tags")
    return names


def plain_copies(
    names: Iterable[str], folder: str, changes: Iterable[PathChange], trunk: str
) -> dict[str, int]:
    """Return the tags that are a revision of ``trunk`` and nothing else, by name.

    A tag is a directory, and a revision number does not say which directory is meant. Only what was copied
    from the trunk as a whole, and never touched again, can be had by the number it was copied from.
    """
    wanted = set(names)
    found: dict[str, int] = {}
    for change in changes:
        name, slash, _ = change.path.removeprefix(f"{folder}/").partition("/")
        if not change.path.startswith(f"{folder}/") or name not in wanted:
            continue
        if not slash and change.copied_from is not None and change.copied_from[0] == trunk:
            found[name] = change.copied_from[1]
        else:
            found.pop(name, None)
    return found


def _time(text: str) -> datetime | None:
    try:
        return datetime.fromisoformat(text).astimezone(UTC).replace(microsecond=0)
    except (ValueError, OverflowError):
        return None


def _parsed(source: str, output: bytes) -> ET.Element:
    try:
        return ET.fromstring(output)  # noqa: S314  # svn itself writes it, and escapes what others chose
    except ET.ParseError as error:
        raise UpstreamBadAnswer(source, "svn does not say it in XML") from error
