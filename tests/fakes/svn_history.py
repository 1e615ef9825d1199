"""Subversion repositories loaded from a dump that is written here, so that dates and numbers are known."""

from __future__ import annotations

import subprocess
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from tests.fakes.hg_history import peeled
from tests.fakes.history import Change, Kind, day

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import datetime
    from pathlib import Path

    from tests.fakes.history import Entry, History

_FORMAT = b"SVN-fs-dump-format-version: 2\n\n"
Properties = dict[str, str]


@dataclass
class SvnHistory:
    """What the default branch of a history, and its tags, become in svn: trunk, and copies of it."""

    history: History
    numbers: dict[Change, int] = field(default_factory=dict)
    _revisions: list[bytes] = field(default_factory=list)

    def write(self, directory: Path) -> None:
        """Make a repository in a directory that is not there yet."""
        directory.parent.mkdir(parents=True, exist_ok=True)
        subprocess.run(["svnadmin", "create", directory], check=True)
        dump = _FORMAT + b"".join(self._dump())
        subprocess.run(
            ["svnadmin", "load", "--quiet", "--force-uuid", directory], input=dump, check=True, timeout=60
        )

    def _dump(self) -> Iterator[bytes]:
        self.revise(day(1), _node("trunk", "add", "dir"), _node("tags", "add", "dir"))
        before: Mapping[str, Entry] = {}
        for change in _trunk(self.history):
            self.numbers[change] = self.revise(change.committed, *_difference(before, change.tree))
            before = change.tree
        for name, target in self.history.tags.items():
            number = self.numbers.get(peeled(target))
            if number is not None:
                self.copy(f"tags/{name}", "trunk", number)
        return iter(self._revisions)

    def revise(self, when: datetime, *nodes: bytes) -> int:
        """Add a revision and return its number."""
        number = len(self._revisions) + 1
        date = when.strftime("%Y-%m-%dT%H:%M:%S.654321Z")
        properties = _properties({"svn:date": date, "svn:log": "l", "svn:author": "u"})
        length = b"Prop-content-length: %d\nContent-length: %d\n\n" % (len(properties), len(properties))
        head = b"Revision-number: %d\n" % number + length + properties + b"\n"
        self._revisions.append(head + b"".join(nodes))
        return number

    def copy(self, path: str, of: str, number: int, *more: bytes) -> int:
        """Add a revision that copies a directory of an older one, and does ``more`` to it."""
        head = f"Node-path: {path}\nNode-kind: dir\nNode-action: add\n"
        copied = f"{head}Node-copyfrom-rev: {number}\nNode-copyfrom-path: {of}\n\n\n"
        return self.revise(day(20), copied.encode(), *more)


def _trunk(history: History) -> list[Change]:
    found: list[Change] = []
    at = history.branches.get(history.head)
    while at is not None:
        found.append(at)
        at = at.parents[0] if at.parents else None
    return found[::-1]


def _difference(before: Mapping[str, Entry], after: Mapping[str, Entry]) -> Iterator[bytes]:
    for path in before:
        if path not in after:
            yield f"Node-path: trunk/{path}\nNode-action: delete\n\n\n".encode()
    known = {folder for path in before for folder in _folders(path)}
    for path, entry in after.items():
        for folder in _folders(path):
            if folder not in known:
                known.add(folder)
                yield _node(f"trunk/{folder}", "add", "dir")
        if before.get(path) != entry:
            yield file_node(f"trunk/{path}", entry, "change" if path in before else "add")
    if before == after:
        # A revision must touch the trunk to be one of its own.
        yield _node("trunk", "change", "dir", {"touched": str(id(after))})


def _folders(path: str) -> list[str]:
    parts = path.split("/")[:-1]
    return ["/".join(parts[: length + 1]) for length in range(len(parts))]


def directory_node(path: str, properties: Properties) -> bytes:
    """Change a directory."""
    return _node(path, "change", "dir", properties)


def file_node(path: str, entry: Entry, action: str = "add", properties: Properties | None = None) -> bytes:
    """Write one file."""
    own = {Kind.SYMLINK: {"svn:special": "*"}, Kind.EXECUTABLE: {"svn:executable": "*"}}
    content = b"link " + entry.data if entry.kind is Kind.SYMLINK else entry.data
    return _node(path, action, "file", {**own.get(entry.kind, {}), **(properties or {})}, content)


def _node(
    path: str, action: str, kind: str, properties: Properties | None = None, content: bytes | None = None
) -> bytes:
    block = _properties(properties or {})
    lines = [f"Node-path: {path}", f"Node-kind: {kind}", f"Node-action: {action}"]
    lines.append(f"Prop-content-length: {len(block)}")
    if content is not None:
        lines.append(f"Text-content-length: {len(content)}")
    lines.append(f"Content-length: {len(block) + len(content or b'')}")
    return "\n".join(lines).encode() + b"\n\n" + block + (content or b"") + b"\n\n"


def _properties(properties: Properties) -> bytes:
    pairs = ((key.encode(), value.encode()) for key, value in properties.items())
    lines = [b"K %d\n%b\nV %d\n%b\n" % (len(key), key, len(value), value) for key, value in pairs]
    return b"".join(lines) + b"PROPS-END\n"
