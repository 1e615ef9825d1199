from __future__ import annotations

import asyncio
import json
import os
from typing import TYPE_CHECKING

import pytest

from modmirror.errors import ConfigError
from modmirror.telemetry import access_log
from modmirror.telemetry.access_log import (
    BUFFER_BYTES,
    MAX_WAITING,
    AccessLog,
    Entry,
    JsonAccessLog,
    NullAccessLog,
    open_access_log,
)

if TYPE_CHECKING:
    from pathlib import Path

ENTRY = Entry(1.5, "id-1", "192.0.2.1", "GET", "/m/@v/list", 200, 7, 0.25, "hit", "up", "GoCommand/1", "")


def no_drop(lines: int) -> None:
    raise AssertionError(f"{lines} lines were dropped")


async def test_a_line_is_the_entry_as_json(tmp_path: Path) -> None:
    path = tmp_path / "access.log"
    log = open_access_log(str(path), no_drop)
    log.write(ENTRY)
    log.close()
    assert json.loads(path.read_text()) == {
        "time": 1.5,
        "id": "id-1",
        "client": "192.0.2.1",
        "method": "GET",
        "path": "/m/@v/list",
        "status": 200,
        "bytes": 7,
        "seconds": 0.25,
        "cache": "hit",
        "upstream": "up",
        "user_agent": "GoCommand/1",
        "aborted": "",
    }


async def test_what_a_client_sends_cannot_break_a_line(tmp_path: Path) -> None:
    path = tmp_path / "access.log"
    log = open_access_log(str(path), no_drop)
    log.write(Entry(0, "", "", "GET", "/", 200, 0, 0, "", "", 'evil\n{"status":200}\x00é', ""))
    log.close()
    (line,) = path.read_text().splitlines()
    assert json.loads(line)["user_agent"] == 'evil\n{"status":200}\x00é'


async def test_a_file_is_appended_to_and_not_for_everybody(tmp_path: Path) -> None:
    path = tmp_path / "access.log"
    for _ in range(2):
        log = open_access_log(str(path), no_drop)
        log.write(ENTRY)
        log.close()
    assert len(path.read_text().splitlines()) == 2
    assert path.stat().st_mode & 0o007 == 0


async def test_lines_are_written_after_a_while_without_being_asked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(access_log, "FLUSH_SECONDS", 0.01)
    path = tmp_path / "access.log"
    log = open_access_log(str(path), no_drop)
    log.write(ENTRY)
    async with asyncio.timeout(10):
        while not path.read_text():
            await asyncio.sleep(0.005)
    log.close()


async def test_a_full_buffer_is_written_at_once(tmp_path: Path) -> None:
    path = tmp_path / "access.log"
    log = open_access_log(str(path), no_drop)
    lines = 0
    async with asyncio.timeout(10):
        while not path.read_text():
            log.write(ENTRY)
            lines += 1
            await asyncio.sleep(0)
    assert path.stat().st_size >= BUFFER_BYTES
    log.close()
    assert len(path.read_text().splitlines()) == lines


async def test_a_reader_that_stops_reading_never_blocks_and_loses_are_counted(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(access_log, "CLOSE_SECONDS", 0.05)
    reader, writer = os.pipe()
    dropped: list[int] = []
    log = JsonAccessLog(writer, dropped.append)
    written = 0
    while not dropped and written < 1_000_000:
        log.write(ENTRY)
        written += 1
    assert dropped
    # What the pipe and the queue hold, and the batch in the writer's hand, is all that is kept.
    assert written * 100 < (MAX_WAITING + 4) * BUFFER_BYTES * 2
    log.close()
    os.close(reader)


async def test_a_reader_that_is_gone_costs_the_lines_and_nothing_else() -> None:
    reader, writer = os.pipe()
    os.close(reader)
    dropped: list[int] = []
    log = JsonAccessLog(writer, dropped.append)
    log.write(ENTRY)
    log.write(ENTRY)
    log.close()
    log.close()
    assert dropped == [2]


def test_a_file_that_cannot_be_opened_is_told_by_its_setting(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="cannot open") as caught:
        open_access_log(str(tmp_path / "no" / "such" / "folder"), no_drop)
    assert caught.value.key == "log.access"


def test_empty_is_off() -> None:
    log: AccessLog = open_access_log("", no_drop)
    assert isinstance(log, NullAccessLog)
    log.write(ENTRY)
    log.close()


async def test_a_dash_is_standard_output(capfd: pytest.CaptureFixture[str]) -> None:
    log = open_access_log("-", no_drop)
    log.write(ENTRY)
    log.close()
    assert json.loads(capfd.readouterr().out)["id"] == "id-1"
