from __future__ import annotations

import errno
import os
from typing import TYPE_CHECKING

import pytest
from msgspec import Struct

from modmirror.errors import StorageBroken, StorageFull
from modmirror.lab.run.lines import LineFile, translated, write_whole

if TYPE_CHECKING:
    from pathlib import Path


class Word(Struct):
    text: str


def test_values_come_back(tmp_path: Path) -> None:
    lines = LineFile(tmp_path / "x.jsonl", Word)
    assert lines.read() == []
    lines.append(Word("a\nb"))
    lines.close()
    lines.append(Word("c"))
    assert lines.read() == [Word("a\nb"), Word("c")]
    assert (tmp_path / "x.jsonl").read_bytes().count(b"\n") == 2


@pytest.mark.parametrize("left", [b'{"text":"a"}\n{"te', b'{"te', b"", b'{"text":"a"}\n' + b"x" * 100_000])
def test_an_append_begins_behind_the_last_whole_line(tmp_path: Path, left: bytes) -> None:
    (tmp_path / "x.jsonl").write_bytes(left)
    lines = LineFile(tmp_path / "x.jsonl", Word)
    lines.append(Word("new"))
    assert [each.text for each in lines.read()][-1] == "new"
    assert len(lines.read()) == left.count(b"\n") + 1


def test_a_full_disk_leaves_whole_lines_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    lines = LineFile(tmp_path / "x.jsonl", Word)
    lines.append(Word("before"))
    real = os.write

    def half(file: int, data: bytes) -> int:
        if len(data) < 5:
            raise OSError(errno.ENOSPC, "full")
        return real(file, data[: len(data) - 4])

    monkeypatch.setattr(os, "write", half)
    with pytest.raises(StorageFull, match=r"no space to write x\.jsonl"):
        lines.append(Word("lost"))
    monkeypatch.undo()
    assert lines.read() == [Word("before")]
    assert lines.notes == ()
    lines.append(Word("after"))
    assert lines.read() == [Word("before"), Word("after")]


def test_a_write_that_is_taken_in_parts_is_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    real = os.write
    monkeypatch.setattr(os, "write", lambda file, data: real(file, data[:3]))
    lines = LineFile(tmp_path / "x.jsonl", Word)
    lines.append(Word("a longer word"))
    assert lines.read() == [Word("a longer word")]


def test_a_small_file_is_the_old_or_the_new_one(tmp_path: Path) -> None:
    file = tmp_path / "x.json"
    write_whole(file, b"old")
    file.chmod(0o644)
    (tmp_path / ".x.json.new").mkdir()
    with pytest.raises(StorageBroken):
        write_whole(file, b"new")
    assert file.read_bytes() == b"old"


@pytest.mark.parametrize(
    ("number", "kind"),
    [(errno.ENOSPC, StorageFull), (errno.EDQUOT, StorageFull), (errno.EACCES, StorageBroken)],
)
def test_what_the_system_says_is_translated(tmp_path: Path, number: int, kind: type[Exception]) -> None:
    with pytest.raises(kind), translated(tmp_path / "x"):
        raise OSError(number, "no")
