from __future__ import annotations

import io
import tarfile
from typing import TYPE_CHECKING

import pytest

from modmirror.origin.svn.export import size_of, tar_of

if TYPE_CHECKING:
    from pathlib import Path

EMPTY = bytes(1024)


def unpacked(directory: Path, prefix: str = "") -> dict[str, bytes]:
    """Return the content of files and the targets of links, by name."""
    found = {}
    with tarfile.open(fileobj=io.BytesIO(b"".join(tar_of(directory, prefix))), mode="r:") as tar:
        for member in tar:
            file = None if member.issym() else tar.extractfile(member)
            found[member.name] = member.linkname.encode() if file is None else file.read()
    return found


@pytest.mark.parametrize("size", [0, 1, 511, 512, 513, (1 << 18) + 1])
def test_files_of_any_size_come_back(tmp_path: Path, size: int) -> None:
    (tmp_path / "a").write_bytes(b"x" * size)
    (tmp_path / "b").write_bytes(b"next")
    assert unpacked(tmp_path) == {"a": b"x" * size, "b": b"next"}


def test_every_name_begins_with_the_prefix(tmp_path: Path) -> None:
    (tmp_path / "a" / "b").mkdir(parents=True)
    (tmp_path / "a" / "b" / "c.go").write_bytes(b"c")
    (tmp_path / "go.mod").write_bytes(b"m")
    assert unpacked(tmp_path, "sub/") == {"sub/a/b/c.go": b"c", "sub/go.mod": b"m"}


def test_links_are_noted_and_never_followed(tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "secret").write_bytes(b"secret")
    inside = tmp_path / "inside"
    inside.mkdir()
    (inside / "directory").symlink_to("../outside")
    (inside / "file").symlink_to("../outside/secret")
    assert unpacked(inside) == {"directory": b"../outside", "file": b"../outside/secret"}
    assert b"".join(tar_of(inside / "directory", "")) == EMPTY


def test_long_names_come_back(tmp_path: Path) -> None:
    name = "n" * 200
    (tmp_path / name).write_bytes(b"x")
    assert unpacked(tmp_path, "p" * 90 + "/") == {"p" * 90 + "/" + name: b"x"}


def test_what_is_no_directory_gives_an_empty_tar(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"x")
    assert b"".join(tar_of(tmp_path / "file", "")) == EMPTY
    assert b"".join(tar_of(tmp_path / "nowhere", "")) == EMPTY


def test_the_size_counts_contents_and_headers(tmp_path: Path) -> None:
    assert size_of(tmp_path) == size_of(tmp_path / "nowhere") == 0
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "b").write_bytes(b"x" * 1000)
    assert size_of(tmp_path) == 2 * 512 + 1000
