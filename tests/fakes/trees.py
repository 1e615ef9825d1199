"""File trees of a repository, archives as git makes them, and the module zips that we make of those."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

from modmirror.mod.path import check_path
from modmirror.mod.tarscan import TarScan
from modmirror.mod.zipbuild import write_zip
from modmirror.mod.zipplan import plan_zip
from tests.fakes.tars import Entry, pax, tar

if TYPE_CHECKING:
    from collections.abc import Mapping

    from modmirror.mod.zipbuild import BuiltZip
    from modmirror.mod.zipplan import ZipPlan


@dataclass(frozen=True, slots=True)
class Link:
    """A symbolic link."""

    target: str


Tree: TypeAlias = "Mapping[str, bytes | Link]"
"""Files by path; bytes that are not UTF-8 stand as surrogate escapes."""

MODULE = "example.com/tree"
VERSION = "v1.2.3"


@dataclass(frozen=True, slots=True)
class Built:
    """A zip of ours, and what led to it."""

    data: bytes
    zip: BuiltZip
    plan: ZipPlan

    @property
    def paths(self) -> list[str]:
        """Paths in the zip, in its order."""
        return [file.path for file in self.plan.files] + ["LICENSE"] * (self.plan.inherited is not None)

    @property
    def dropped(self) -> dict[str, str]:
        """Reasons by path."""
        return {path: str(reason) for path, reason in self.plan.dropped}


def tree_tar(tree: Tree) -> bytes:
    """Archive a tree as ``git archive`` does: the commit's id, then files and directories by name."""
    entries = [pax({b"comment": b"0" * 40}, b"g")]
    directories: set[str] = set()
    for path in sorted(tree, key=encoded):
        for parent in [path[: at + 1] for at in range(1, len(path)) if path[at] == "/"]:
            if parent not in directories:
                directories.add(parent)
                entries += named(Entry(b"", kind=b"5"), parent)
        content = tree[path]
        link = isinstance(content, Link)
        entries += named(Entry(b"", kind=b"2") if link else Entry(b"", _file(content)), path)
    return tar(entries)


def named(entry: Entry, path: str) -> list[Entry]:
    """Give an entry a name of any length."""
    name = encoded(path)
    if len(name) <= 100:
        return [Entry(name, entry.data, entry.kind)]
    before, slash, after = name.rpartition(b"/")
    if slash and len(before) <= 155 and 0 < len(after) <= 100:
        return [Entry(after, entry.data, entry.kind, prefix=before)]
    return [pax({b"path": name}), Entry(name[:100], entry.data, entry.kind)]


def encoded(path: str) -> bytes:
    """The bytes of a path."""
    return path.encode("utf-8", "surrogateescape")


def _file(content: bytes | Link) -> bytes:
    assert isinstance(content, bytes)
    return content


def root_licence(tree: Tree) -> bytes | None:
    """The stored bytes of the file ``LICENSE`` in a repository's root; of a link, its target."""
    content = tree.get("LICENSE")
    return content.target.encode() if isinstance(content, Link) else content


def build(tree: Tree, module: str = MODULE, version: str = VERSION, directory: str = "") -> Built:
    """Make the zip of the module in a directory of the tree."""
    inherited = root_licence(tree) if directory else None
    return build_from_tar(tree_tar(tree), module, version, directory, inherited)


def build_from_tar(
    archive: bytes,
    module: str = MODULE,
    version: str = VERSION,
    directory: str = "",
    inherited: bytes | None = None,
) -> Built:
    """Make the zip of the module in a directory of an archive."""

    def read_at(offset: int, length: int) -> bytes:
        return archive[offset : offset + length]

    scan = TarScan("example.com/repository", directory)
    scan.feed(archive)
    plan = plan_zip(check_path(module), version, scan.finish(), read_at, inherited)
    written = bytearray()
    built = write_zip(plan, read_at, written.extend)
    return Built(bytes(written), built, plan)
