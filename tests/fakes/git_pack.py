"""Bare git repositories written without git: objects into one pack, references into one file.

Fast, the same on every machine, and able to write what git itself would refuse to (names like
``.git`` or ``..`` in trees, sizes that are lies).
"""

from __future__ import annotations

import hashlib
import struct
import zlib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

from tests.fakes.history import Change, FileOf, Kind, Note, TreeOf

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime
    from pathlib import Path

    from tests.fakes.history import Entry, History, Target

Algorithm = Literal["sha1", "sha256"]
Type = Literal["commit", "tree", "blob", "tag"]

MODES = {Kind.FILE: "100644", Kind.EXECUTABLE: "100755", Kind.SYMLINK: "120000", Kind.SUBMODULE: "160000"}
_NUMBERS: dict[Type, int] = {"commit": 1, "tree": 2, "blob": 3, "tag": 4}
_AUTHOR, _COMMITTER = "a <a@x>", "c <c@x>"


@dataclass
class GitObjects:
    """Objects by id, ready to be packed."""

    algorithm: Algorithm = "sha1"
    objects: dict[str, tuple[Type, bytes]] = field(default_factory=dict)
    _changes: dict[int, str] = field(default_factory=dict)
    _keep: list[Change] = field(default_factory=list)

    def add(self, kind: Type, data: bytes) -> str:
        """Add an object and return its id."""
        digest = hashlib.new(self.algorithm, b"%s %d\0" % (kind.encode(), len(data)) + data).hexdigest()
        self.objects[digest] = (kind, data)
        return digest

    def raw_tree(self, entries: Iterable[tuple[str, bytes, str]]) -> str:
        """Add a tree of (mode, name, id) entries just as they are given."""
        data = b"".join(
            b"%s %s\0" % (mode.encode(), name) + bytes.fromhex(digest) for mode, name, digest in entries
        )
        return self.add("tree", data)

    def tree(self, files: Mapping[str, Entry]) -> str:
        """Add a tree of files by path, and all trees and blobs below it."""
        folders: dict[str, dict[str, Entry]] = {}
        entries: list[tuple[bytes, tuple[str, bytes, str]]] = []
        for path, entry in files.items():
            first, slash, rest = path.partition("/")
            if slash:
                folders.setdefault(first, {})[rest] = entry
                continue
            name = first.encode("utf-8", "surrogateescape")
            digest = entry.data.decode() if entry.kind is Kind.SUBMODULE else self.add("blob", entry.data)
            entries.append((name, (MODES[entry.kind], name, digest)))
        for folder, inside in folders.items():
            name = folder.encode("utf-8", "surrogateescape")
            # Git sorts directories as though their names ended in a slash.
            entries.append((name + b"/", ("40000", name, self.tree(inside))))
        return self.raw_tree(each for _, each in sorted(entries))

    def commit(self, change: Change) -> str:
        """Add a commit and all its ancestors."""
        waiting = [change]
        while waiting:
            following = waiting[-1]
            missing = [parent for parent in following.parents if id(parent) not in self._changes]
            if missing:
                waiting += missing
                continue
            waiting.pop()
            self._changes[id(following)] = self.add("commit", self._commit_data(following))
            self._keep.append(following)
        return self._changes[id(change)]

    def target(self, target: Target) -> str:
        """Add what a tag points at."""
        match target:
            case Change():
                return self.commit(target)
            case TreeOf(change):
                return self.tree(change.tree)
            case FileOf(change, path):
                return self.add("blob", change.tree[path].data)
            case Note():
                return self._note(target)

    def _note(self, note: Note) -> str:
        of = self.target(note.of)
        kind, _ = self.objects[of]
        head = f"object {of}\ntype {kind}\ntag {note.name}\ntagger {_COMMITTER} {stamp(note.written)}\n"
        return self.add("tag", f"{head}\n{note.message}\n".encode())

    def _commit_data(self, change: Change) -> bytes:
        lines = [f"tree {self.tree(change.tree)}"]
        lines += [f"parent {self._changes[id(parent)]}" for parent in change.parents]
        lines.append(f"author {_AUTHOR} {stamp(change.authored)}")
        lines.append(f"committer {_COMMITTER} {stamp(change.committed)}")
        return "\n".join([*lines, "", change.message, ""]).encode()

    def write(self, directory: Path, refs: Mapping[str, str], head: str = "main") -> None:
        """Write a bare repository: all objects in one pack, all references packed."""
        packs = directory / "objects" / "pack"
        packs.mkdir(parents=True)
        (directory / "refs").mkdir()
        (directory / "HEAD").write_text(f"ref: refs/heads/{head}\n")
        (directory / "config").write_text(_CONFIG[self.algorithm])
        lines = [f"{digest} {name}\n" for name, digest in sorted(refs.items())]
        (directory / "packed-refs").write_text("".join(lines), encoding="utf-8")
        if self.objects:
            name, pack, index = self._packed()
            (packs / f"pack-{name}.pack").write_bytes(pack)
            (packs / f"pack-{name}.idx").write_bytes(index)

    def _packed(self) -> tuple[str, bytes, bytes]:
        pieces = [b"PACK" + struct.pack(">II", 2, len(self.objects))]
        where: dict[str, tuple[int, int]] = {}
        offset = len(pieces[0])
        for digest, (kind, data) in self.objects.items():
            piece = pack_header(kind, len(data)) + zlib.compress(data, 1)
            where[digest] = (offset, zlib.crc32(piece))
            pieces.append(piece)
            offset += len(piece)
        body = b"".join(pieces)
        trailer = hashlib.new(self.algorithm, body).digest()
        return trailer.hex(), body + trailer, self._index(where, trailer)

    def _index(self, where: Mapping[str, tuple[int, int]], trailer: bytes) -> bytes:
        names = sorted(where)
        counts = [0] * 256
        for name in names:
            counts[int(name[:2], 16)] += 1
        totals = [sum(counts[: first + 1]) for first in range(256)]
        index = b"\xfftOc" + struct.pack(">I256I", 2, *totals)
        index += b"".join(bytes.fromhex(name) for name in names)
        index += struct.pack(f">{len(names)}I", *(where[name][1] for name in names))
        index += struct.pack(f">{len(names)}I", *(where[name][0] for name in names))
        index += trailer
        return index + hashlib.new(self.algorithm, index).digest()


def pack_header(kind: Type, size: int) -> bytes:
    """Return the first bytes of an object in a pack, which declare its size."""
    byte, rest = (_NUMBERS[kind] << 4) | (size & 15), size >> 4
    header = bytearray()
    while rest:
        header.append(byte | 128)
        byte, rest = rest & 127, rest >> 7
    header.append(byte)
    return bytes(header)


def stamp(moment: datetime) -> str:
    """Return a time as git writes it: seconds and the offset of the place."""
    return f"{int(moment.timestamp())} {moment:%z}"


def write_git(history: History, directory: Path, algorithm: Algorithm = "sha1") -> GitObjects:
    """Write a history as a bare repository at ``directory``, and return its objects."""
    objects = GitObjects(algorithm)
    refs = {f"refs/heads/{name}": objects.commit(change) for name, change in history.branches.items()}
    refs |= {f"refs/tags/{name}": objects.target(target) for name, target in history.tags.items()}
    refs |= {name: objects.commit(change) for name, change in history.hidden.items()}
    objects.write(directory, refs, history.head)
    return objects


_BARE = "[core]\n\tbare = true\n\trepositoryformatversion = "
_CONFIG = {"sha1": f"{_BARE}0\n", "sha256": f"{_BARE}1\n[extensions]\n\tobjectformat = sha256\n"}
