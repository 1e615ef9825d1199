"""What the rules of the house look at: source and test files, and every file that git tracks."""

from __future__ import annotations

import ast
import subprocess
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
SRC = ROOT / "src" / "modmirror"
TESTS = ROOT / "tests"


def modules(folder: Path) -> list[Path]:
    """Return the Python files below a folder, in order."""
    return sorted(path for path in folder.rglob("*.py") if "__pycache__" not in path.parts)


def name(path: Path) -> str:
    """Return a path as messages show it."""
    return path.relative_to(ROOT).as_posix()


@cache
def parsed(path: Path) -> ast.Module:
    """Return a file's syntax tree."""
    return ast.parse(path.read_text(encoding="utf-8"))


def tracked() -> list[Path]:
    """Return every file that git tracks, or would track; without git, what the folders hold."""
    command = ["git", "-C", str(ROOT), "ls-files", "--cached", "--others", "--exclude-standard", "-z"]
    listed = subprocess.run(command, capture_output=True, check=False)
    if listed.returncode:
        return [*modules(SRC), *modules(TESTS), *(ROOT / "docs").rglob("*.md")]
    paths = (ROOT / entry for entry in listed.stdout.decode().split("\0") if entry)
    return [path for path in paths if path.is_file()]
