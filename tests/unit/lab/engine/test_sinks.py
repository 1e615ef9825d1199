from __future__ import annotations

import errno
from typing import TYPE_CHECKING

import pytest

from modmirror.errors import StorageBroken, StorageFull
from modmirror.lab.engine.sinks import Memory, Nothing, Spool, sink_for

if TYPE_CHECKING:
    from pathlib import Path


def test_what_is_to_be_kept_decides(tmp_path: Path) -> None:
    assert isinstance(sink_for("nothing", tmp_path), Nothing)
    assert isinstance(sink_for("bytes", tmp_path), Memory)
    spool = sink_for("file", tmp_path)
    assert isinstance(spool, Spool)
    spool.close(keep=False)


def test_nothing_keeps_nothing() -> None:
    nothing = Nothing()
    nothing.write(b"x")
    nothing.restart()
    nothing.close(keep=True)
    assert vars(nothing) == {}


def test_memory_keeps_what_came_since_the_last_restart() -> None:
    memory = Memory()
    memory.write(b"redirect")
    memory.restart()
    memory.write(b"a")
    memory.write(b"b")
    memory.close(keep=True)
    assert memory.data == b"ab"
    memory.close(keep=False)
    assert memory.data == b""


def test_a_file_keeps_what_came_since_the_last_restart(tmp_path: Path) -> None:
    spool = Spool(tmp_path)
    spool.write(b"redirect")
    spool.restart()
    spool.write(b"ab")
    spool.close(keep=True)
    assert spool.path.read_bytes() == b"ab"
    spool.close(keep=False)
    assert list(tmp_path.iterdir()) == []


def test_a_full_disk_is_no_failure_of_the_mirror(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    spool = Spool(tmp_path)

    def full(data: bytes) -> int:
        del data
        raise OSError(errno.ENOSPC, "full")

    monkeypatch.setattr(spool._file, "write", full)
    with pytest.raises(StorageFull):
        spool.write(b"x")
    monkeypatch.undo()
    spool.close(keep=False)


def test_a_folder_that_is_gone_is_said(tmp_path: Path) -> None:
    with pytest.raises(StorageBroken):
        Spool(tmp_path / "gone")
