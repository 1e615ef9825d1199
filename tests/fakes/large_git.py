"""Git repositories as large as real ones get, written in seconds: one stream into ``git fast-import``.

The same size always gives the same commits, on every machine.
"""

from __future__ import annotations

import hashlib
import shutil
import subprocess
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

BRANCH = "dev"
"""A branch one commit ahead of the last tag: what it points at has a pseudo-version."""
_START = 1_577_836_800
_EVERY = 60
"""Seconds between two commits, from the start of 2020."""
_IN_FOLDER = 100
_PER_MINOR = 10


@dataclass(frozen=True, slots=True)
class Size:
    """How large. Every commit after the first changes one file; tags are spread evenly over commits."""

    files: int
    tags: int
    commits: int


SMALL = Size(files=200, tags=50, commits=500)
"""As most modules are."""
LARGE = Size(files=10_000, tags=5_000, commits=20_000)


def version(number: int) -> str:
    """Return the name of a tag, counted from 0, in the order of history."""
    return f"v1.{number // _PER_MINOR}.{number % _PER_MINOR}"


def tagged_commit(size: Size, number: int) -> int:
    """Return which commit has a tag, counted from 0."""
    return (number + 1) * size.commits // size.tags - 1


def committed(commit: int) -> int:
    """Return when a commit was made, in seconds since the epoch. The branch has the one after the last."""
    return _START + commit * _EVERY


def file_path(number: int) -> str:
    """Return where a file is."""
    return f"p{number // _IN_FOLDER:03}/f{number % _IN_FOLDER:02}.go"


def file_text(number: int, commit: int) -> str:
    """Return what is in a file as of the commit that wrote it: about a kilobyte, half of it noise."""
    noise = hashlib.shake_256(f"{number} {commit}".encode()).hexdigest(256)
    package = file_path(number).partition("/")[0]
    code = "".join(f"// Line{line} is as good as any.\nvar Line{line} = {commit}\n" for line in range(10))
    return f"package {package}\n\n// {noise}\n\n{code}"


def write_large(directory: Path, module: str, size: Size) -> None:
    """Write a bare repository at ``directory``, packed as hosts keep theirs."""
    fresh = directory.with_name(f"{directory.name}.new")
    shutil.rmtree(fresh, ignore_errors=True)
    subprocess.run(["git", "init", "-q", "--bare", "--template=", "-b", "main", fresh], check=True)
    with subprocess.Popen(
        ["git", "-C", fresh, "fast-import", "--quiet"], stdin=subprocess.PIPE
    ) as importing:
        assert importing.stdin is not None
        importing.stdin.writelines(piece.encode() for piece in _stream(module, size))
    assert importing.returncode == 0
    subprocess.run(["git", "-C", fresh, "repack", "-q", "-a", "-d", "-b"], check=True)
    subprocess.run(["git", "-C", fresh, "pack-refs", "--all"], check=True)
    fresh.rename(directory)


def _stream(module: str, size: Size) -> Iterator[str]:
    tags = {tagged_commit(size, number): version(number) for number in range(size.tags)}
    yield _commit("main", 0)
    yield _file("go.mod", f"module {module}\n\ngo 1.22\n")
    yield _file("LICENSE", "as you like\n")
    for number in range(size.files):
        yield _file(file_path(number), file_text(number, 0))
    for commit in range(1, size.commits):
        yield _commit("main", commit)
        yield _file(file_path(commit % size.files), file_text(commit % size.files, commit))
        if commit in tags:
            yield f"reset refs/tags/{tags[commit]}\nfrom refs/heads/main\n\n"
    yield _commit(BRANCH, size.commits, "from refs/heads/main\n")
    yield _file(file_path(0), file_text(0, size.commits))


def _commit(branch: str, number: int, parent: str = "") -> str:
    message = f"change {number}\n"
    author = f"committer c <c@x> {committed(number)} +0000\n"
    return f"commit refs/heads/{branch}\n{author}data {len(message)}\n{message}{parent}"


def _file(path: str, text: str) -> str:
    return f"M 100644 inline {path}\ndata {len(text.encode())}\n{text}\n"
