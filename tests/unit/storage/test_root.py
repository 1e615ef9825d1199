from __future__ import annotations

import errno
import fcntl
import os
from typing import TYPE_CHECKING, Any

import pytest

from modmirror.errors import ConfigError
from modmirror.storage.root import claim_root
from tests.fakes.faulty_os import FaultyOs

if TYPE_CHECKING:
    from pathlib import Path


def test_a_missing_directory_is_made(tmp_path: Path) -> None:
    root = claim_root(tmp_path / "a/b")
    assert root.path == (tmp_path / "a/b").resolve()
    assert root.spool.is_dir()
    assert root.staging.is_dir()
    assert root.private.stat().st_mode & 0o777 == 0o700
    root.release()


def test_a_link_to_a_directory_is_followed(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "real")
    root = claim_root(tmp_path / "link")
    assert root.path == (tmp_path / "real").resolve()
    root.release()


@pytest.mark.parametrize("below", ["", "further/down"])
def test_a_file_is_not_a_store(tmp_path: Path, below: str) -> None:
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(ConfigError, match="is not a directory") as caught:
        claim_root(tmp_path / "file" / below)
    assert caught.value.key == "storage.path"
    assert caught.value.hint


def test_a_second_claim_is_told_who_holds_the_store(tmp_path: Path) -> None:
    first = claim_root(tmp_path)
    with pytest.raises(ConfigError, match=f"in use by process {os.getpid()} on "):
        claim_root(tmp_path)
    first.release()
    claim_root(tmp_path).release()


def test_a_shorter_holder_leaves_nothing_of_a_longer_one(tmp_path: Path) -> None:
    (tmp_path / ".modmirror").mkdir()
    (tmp_path / ".modmirror/lock").write_bytes(b"x" * 500)
    root = claim_root(tmp_path)
    assert b"x" * 5 not in (tmp_path / ".modmirror/lock").read_bytes()
    root.release()


@pytest.mark.parametrize("code", [errno.EACCES, errno.EROFS, errno.ENOSPC, errno.EIO])
def test_a_directory_that_cannot_be_written_is_said_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, code: int
) -> None:
    faults = FaultyOs(monkeypatch, ("mkdir", "open", "unlink"))
    for nth in range(1, 5):
        faults.fail(nth, code)
        with pytest.raises(ConfigError, match=os.strerror(code)) as caught:
            claim_root(tmp_path / f"store{nth}")
        assert faults.heal()
        assert caught.value.key == "storage.path"
        claim_root(tmp_path / f"store{nth}").release()  # nothing is held after a refusal


def test_an_unreadable_directory_is_said_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_args: Any) -> None:
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))

    monkeypatch.setattr(os, "scandir", refuse)
    with pytest.raises(ConfigError, match="Permission denied"):
        claim_root(tmp_path)


def test_a_file_system_without_locks_is_said_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_args: Any) -> None:
        raise OSError(errno.ENOLCK, os.strerror(errno.ENOLCK))

    monkeypatch.setattr(fcntl, "flock", refuse)
    with pytest.raises(ConfigError, match="No locks available"):
        claim_root(tmp_path)


def test_what_a_crash_left_is_swept(tmp_path: Path) -> None:
    for part in ("spool", "tmp"):
        (tmp_path / ".modmirror" / part).mkdir(parents=True)
        (tmp_path / ".modmirror" / part / "17").write_bytes(b"half a zip")
    root = claim_root(tmp_path)
    assert not any(root.spool.iterdir())
    assert not any(root.staging.iterdir())
    root.release()


def test_a_store_that_went_away_is_told_from_an_empty_one(tmp_path: Path) -> None:
    root = claim_root(tmp_path / "store")
    assert root.is_there()
    (tmp_path / "store").rename(tmp_path / "elsewhere")
    (tmp_path / "store").mkdir()
    assert not root.is_there()
    root.release()
