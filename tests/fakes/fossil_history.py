"""Fossil repositories made of artifacts that are written here, so that ids and dates are known."""

from __future__ import annotations

import hashlib
import os
import subprocess
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from tests.fakes.hg_history import in_order, named_branches, peeled
from tests.fakes.history import Change, Kind, day

if TYPE_CHECKING:
    from datetime import datetime
    from pathlib import Path

    from tests.fakes.history import Entry, History

_MODES = {Kind.EXECUTABLE: " x", Kind.SYMLINK: " l"}
TRUNK = "trunk"


@dataclass
class FossilHistory:
    """What a history becomes in fossil. The default branch is also called trunk."""

    history: History
    ids: dict[Change, str] = field(default_factory=dict)
    """Whole ids of check-ins."""
    artifacts: dict[str, bytes] = field(default_factory=dict)

    def write(self, file: Path) -> None:
        """Make a repository in a file that is not there yet."""
        names = named_branches(self.history)
        hidden = {id(change) for change in self.history.hidden.values()}
        for change in in_order(self.history):
            if id(change) not in hidden:
                before = names[change.parents[0]] if change.parents else ""
                self.ids[change] = self.add(self._manifest(change, names[change], before))
        for name, target in self.history.tags.items():
            self.tag(name, self.ids[peeled(target)], day(25))
        self.save(file)

    def save(self, file: Path) -> None:
        """Make a repository of the artifacts."""
        folder = file.with_suffix(".artifacts")
        folder.mkdir(parents=True)
        for digest, data in self.artifacts.items():
            (folder / digest).write_bytes(data)
        environ = {"PATH": os.environ["PATH"], "USER": "u", "FOSSIL_HOME": str(folder.parent)}
        command = ["fossil", "reconstruct", str(file), str(folder)]
        subprocess.run(command, check=True, timeout=60, env=environ, stdout=subprocess.DEVNULL)

    def add(self, data: bytes) -> str:
        """Add an artifact and return its id."""
        digest = hashlib.sha3_256(data).hexdigest()
        self.artifacts[digest] = data
        return digest

    def tag(self, name: str, of: str, when: datetime, sign: str = "+") -> None:
        """Put a tag on a check-in; ``-`` takes it away."""
        self.add(_card(f"D {_date(when)}", f"T {sign}sym-{name} {of}", "U u"))

    def _manifest(self, change: Change, branch: str, before: str) -> bytes:
        files = [
            f"F {_word(path)} {self.add(entry.data)}{_MODES.get(entry.kind, '')}"
            for path, entry in sorted(change.tree.items(), key=_by_bytes)
        ]
        parents = [f"P {' '.join(self.ids[parent] for parent in change.parents)}"] if change.parents else []
        names = [branch, *([TRUNK] if branch == self.history.head != TRUNK else [])]
        tags = []
        if branch != before:
            tags = [f"T *branch * {_word(branch)}", *(f"T *sym-{_word(name)} *" for name in names)]
        if before and branch != before:
            old = [before, *([TRUNK] if before == self.history.head != TRUNK else [])]
            tags += [f"T -sym-{_word(name)} *" for name in old]
        comment, date = f"C {_word(change.message)}", f"D {_date(change.committed)}"
        return _card(comment, date, *files, *parents, *sorted(tags), "U u")


def _by_bytes(item: tuple[str, Entry]) -> bytes:
    return item[0].encode()


def _card(*lines: str) -> bytes:
    text = "".join(f"{line}\n" for line in lines).encode()
    return text + b"Z " + hashlib.md5(text).hexdigest().encode() + b"\n"  # noqa: S324  # as fossil does


def _date(when: datetime) -> str:
    return when.strftime("%Y-%m-%dT%H:%M:%S")


def _word(text: str) -> str:
    return text.replace("\\", "\\\\").replace(" ", "\\s").replace("\n", "\\n")
