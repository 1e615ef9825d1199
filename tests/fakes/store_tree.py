"""Looks at a store's directory from outside, as a crash or a full disk left it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from modmirror.mod.escape import unescape_version

if TYPE_CHECKING:
    from pathlib import Path

_FILE = re.compile(r".+/@v/(list|v[^/]+\.(info|mod|zip|ziphash))", re.ASCII)


def module_files(root: Path) -> dict[str, bytes]:
    """Every public file below the root by its relative path; fails on one that does not belong there."""
    found = {
        path.relative_to(root).as_posix(): path.read_bytes()
        for path in root.rglob("*")
        if path.is_file() and ".modmirror" not in path.parts
    }
    strangers = [name for name in found if not _FILE.fullmatch(name)]
    assert not strangers, f"files that do not belong into the tree: {strangers}"
    return found


def leftovers(root: Path) -> list[str]:
    """Names of spooled and staged files that nobody took away."""
    private = root / ".modmirror"
    return [path.name for part in ("spool", "tmp") for path in (private / part).iterdir()]


def lists_out_of_step(root: Path) -> list[str]:
    """Module directories whose ``list`` does not name exactly the versions with a ``.mod``."""
    wrong = []
    for directory in root.rglob("@v"):
        stored = {unescape_version(path.stem) for path in directory.glob("*.mod")}
        listed = directory / "list"
        lines = listed.read_text().splitlines() if listed.exists() else []
        if sorted(lines) != sorted(stored):
            wrong.append(directory.parent.relative_to(root).as_posix())
    return wrong
