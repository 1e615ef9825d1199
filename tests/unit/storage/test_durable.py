from __future__ import annotations

import errno
import os
import resource
from typing import TYPE_CHECKING, Any

import pytest

from modmirror.errors import StorageBroken, StorageFull
from modmirror.storage import durable

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize("code", [errno.ENOSPC, errno.EDQUOT, errno.EFBIG])
def test_no_space_of_any_kind_is_storage_full(code: int) -> None:
    assert isinstance(durable.storage_error(OSError(code, "x"), "store a file"), StorageFull)


@pytest.mark.parametrize(
    "code", [errno.EIO, errno.EACCES, errno.EROFS, errno.EMFILE, errno.ENOENT, errno.EXDEV]
)
def test_any_other_failure_is_storage_broken_and_names_no_path(code: int) -> None:
    error = durable.storage_error(OSError(code, os.strerror(code), "/srv/secret/place"), "store a file")
    assert isinstance(error, StorageBroken)
    assert error.reason == f"cannot store a file: {os.strerror(code)}"
    assert "secret" not in f"{error}{error.hint}"


def test_an_error_without_a_number_is_named_by_its_type() -> None:
    assert durable.storage_error(OSError("odd"), "x").reason == "cannot x: OSError"


def test_translated_keeps_the_cause() -> None:
    cause = OSError(errno.EIO, "x")
    with pytest.raises(StorageBroken) as caught, durable.translated("read"):
        raise cause
    assert caught.value.__cause__ is cause


def test_missing_parents_are_made_and_each_is_synced(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    synced: list[str] = []
    monkeypatch.setattr(durable, "sync_directory", lambda path: synced.append(path.name))
    durable.make_directory(tmp_path / "a/b/c")
    assert synced == [tmp_path.name, "a", "b"]
    durable.make_directory(tmp_path / "a/b/c")
    assert len(synced) == 3


def test_a_file_where_a_directory_must_be_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"")
    with pytest.raises(OSError, match="a"):
        durable.make_directory(tmp_path / "a/b")


def test_a_file_system_that_cannot_sync_directories_is_tolerated(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(code: int) -> None:
        def fsync(_descriptor: int) -> None:
            raise OSError(code, os.strerror(code))

        monkeypatch.setattr(os, "fsync", fsync)

    refuse(errno.EINVAL)
    durable.sync_directory(tmp_path)
    refuse(errno.EIO)
    with pytest.raises(OSError, match="Input/output"):
        durable.sync_directory(tmp_path)


def test_short_writes_are_continued(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    real = os.pwrite
    monkeypatch.setattr(os, "pwrite", lambda fd, data, offset: real(fd, bytes(data[:3]), offset))
    durable.write_new(tmp_path / "x", b"0123456789")
    assert (tmp_path / "x").read_bytes() == b"0123456789"


def test_write_new_never_replaces(tmp_path: Path) -> None:
    (tmp_path / "x").write_bytes(b"old")
    with pytest.raises(FileExistsError):
        durable.write_new(tmp_path / "x", b"new")
    assert (tmp_path / "x").read_bytes() == b"old"


def test_a_write_beyond_the_limit_leaves_no_file(tmp_path: Path) -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (65_536, hard))
    try:
        with pytest.raises(StorageFull), durable.translated("store a file"):
            durable.write_new(tmp_path / "x", bytes(65_537))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert not (tmp_path / "x").exists()


@pytest.mark.parametrize("links", [True, False])
def test_create_gives_the_name_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, links: bool
) -> None:
    def refuse(*_args: Any, **_kwargs: Any) -> None:
        raise OSError(errno.EOPNOTSUPP, "no links here")

    if not links:
        monkeypatch.setattr(os, "link", refuse)
    for body in (b"first", b"second"):
        (tmp_path / "staged").unlink(missing_ok=True)
        (tmp_path / "staged").write_bytes(body)
        assert durable.create(tmp_path / "staged", tmp_path / "final") is (body == b"first")
    assert (tmp_path / "final").read_bytes() == b"first"


def test_create_across_devices_is_an_error_and_no_copy(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_args: Any, **_kwargs: Any) -> None:
        raise OSError(errno.EXDEV, os.strerror(errno.EXDEV))

    monkeypatch.setattr(os, "link", refuse)
    (tmp_path / "staged").write_bytes(b"x")
    with pytest.raises(OSError, match="cross-device"):
        durable.create(tmp_path / "staged", tmp_path / "final")
    assert not (tmp_path / "final").exists()


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        (b"", b"", True),
        (b"a", b"b", False),
        (b"a", b"ab", False),
        (bytes(3 << 20), bytes(3 << 20), True),
        (bytes(3 << 20), bytes((3 << 20) - 1) + b"x", False),
    ],
)
def test_files_are_compared_byte_by_byte(tmp_path: Path, one: bytes, other: bytes, *, same: bool) -> None:
    (tmp_path / "one").write_bytes(one)
    (tmp_path / "other").write_bytes(other)
    assert durable.same_bytes(tmp_path / "one", tmp_path / "other") is same


def test_room_is_what_the_device_has_left_for_us(tmp_path: Path) -> None:
    assert durable.free_bytes(tmp_path) > 1
    durable.require_room(tmp_path, 1)
    with pytest.raises(StorageFull, match="MiB left"):
        durable.require_room(tmp_path, 1 << 60)
    with pytest.raises(StorageBroken):
        durable.require_room(tmp_path / "gone", 1)
