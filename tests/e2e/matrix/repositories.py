"""Repositories that the rows of the matrix need beyond the recorded ones."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.fakes.git_pack import write_git
from tests.fakes.history import History, day

if TYPE_CHECKING:
    from pathlib import Path

ORDERED = ("v0.0.9", "v0.0.10", "v1.0.0-rc.2", "v1.0.0-rc.10", "v1.0.0")
ODD_GO_MOD = b"\xef\xbb\xbf// \xff\r\nmodule github.com/u/crlf // why\r\n\r\n"
BLOB_BYTES = 48 << 20
"""Of the one file that a repository has many times, so that it is small on disk and large in a zip."""


def write_more(folder: Path) -> None:
    """Write them all below ``folder``."""
    write_git(_ordered(), folder / "u/order")
    write_git(_odd_go_mod(), folder / "u/crlf")
    write_git(_large(), folder / "u/large")
    write_git(_sha256(), folder / "u/sha256", "sha256")


def _ordered() -> History:
    repo = History("u/order")
    repo.write({"go.mod": "module github.com/u/order\n"})
    repo.commit("one")
    repo.tag(*reversed(ORDERED))
    return repo


def _odd_go_mod() -> History:
    repo = History("u/crlf")
    repo.write({"go.mod": ODD_GO_MOD, ".gitattributes": "go.mod text eol=lf\n"})
    repo.commit("one")
    repo.tag("v1.0.0")
    return repo


def _large() -> History:
    """More than 500 MiB of content in v1.0.0; a small v1.0.1."""
    repo = History("u/large")
    repo.write({"go.mod": "module github.com/u/large\n"})
    repo.write(dict.fromkeys((f"{number}.bin" for number in range(11)), bytes(BLOB_BYTES)))
    repo.commit("one")
    repo.tag("v1.0.0")
    repo.remove(*(f"{number}.bin" for number in range(11)))
    repo.commit("two", day(2))
    repo.tag("v1.0.1")
    return repo


def _sha256() -> History:
    repo = History("u/sha256")
    repo.write({"go.mod": "module github.com/u/sha256\n", "p.go": "package p\n"})
    repo.commit("one")
    repo.tag("v1.0.0")
    repo.write({"f": "\n"})
    repo.commit("two", day(2))
    return repo
