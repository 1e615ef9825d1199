from __future__ import annotations

import asyncio
import os
import signal
import subprocess
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

import pytest

from modmirror.errors import UpstreamBadAnswer
from modmirror.origin.processes.running import Running

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

LIMIT = 2_000_000


def is_to_be_collected(process_id: int) -> bool:
    """Tell whether a process has ended and still has its number to itself. Changes nothing."""
    try:
        return os.waitid(os.P_PID, process_id, os.WEXITED | os.WNOHANG | os.WNOWAIT) is not None
    except ChildProcessError:
        return False


def started(script: str) -> subprocess.Popen[bytes]:
    """Start a script as tools are started."""
    return subprocess.Popen(
        ("/bin/sh", "-c", script),
        bufsize=0,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        start_new_session=True,
    )


@asynccontextmanager
async def shell(script: str) -> AsyncIterator[Running]:
    """Watch a script."""
    running = Running(started(script), "example.com/repository", LIMIT)
    try:
        yield running
    finally:
        await running.end()


async def test_the_end_of_output_is_the_end() -> None:
    async with shell("echo last") as running:
        assert b"".join([piece async for piece in running]) == b"last\n"


async def test_how_it_ended_comes_with_what_is_left() -> None:
    async with shell(r"printf 'said\377' >&2; printf rest; kill -KILL $$") as running:
        finished = await running.finish()
    assert (finished.code, finished.stdout, finished.stderr) == (-9, b"rest", "said\ufffd")


async def test_output_is_read_no_further_than_it_is_held(tmp_path: Path) -> None:
    done = tmp_path / "done"
    async with shell(f"head -c {LIMIT} /dev/zero; echo > {done}") as running:
        first = await anext(running)
        # The pipe is full: its writer waits, however often the event loop looks.
        for _ in range(1000):
            await asyncio.sleep(0)
        assert not done.exists()
        rest = await running.finish()
        assert len(first) + len(rest.stdout) == LIMIT


async def test_too_much_output_is_refused_when_it_is_taken() -> None:
    async with shell(f"head -c {LIMIT + 1} /dev/zero") as running:
        with pytest.raises(UpstreamBadAnswer, match="more than 2000000 bytes"):
            await running.finish()


async def test_nothing_of_it_is_left_open_at_the_end() -> None:
    before = set(os.listdir("/proc/self/fd"))  # noqa: PTH208  # numbers, not paths
    async with shell("sleep 1000 & echo begun") as running:
        assert await anext(running) == b"begun\n"
    assert set(os.listdir("/proc/self/fd")) <= before  # noqa: PTH208  # the same


async def test_what_has_ended_is_not_signalled(monkeypatch: pytest.MonkeyPatch) -> None:
    def killpg(_group: int, _signal: int) -> None:
        raise AssertionError("the number may be another's by now")

    async with shell("true") as running:
        await running.finish()
        monkeypatch.setattr("os.killpg", killpg)


async def test_the_number_of_a_group_is_its_own_while_it_is_signalled(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    sent: list[tuple[signal.Signals, bool]] = []
    killpg = os.killpg

    def noted(group: int, number: signal.Signals) -> None:
        sent.append((number, is_to_be_collected(group)))
        killpg(group, number)

    monkeypatch.setattr("os.killpg", noted)
    process = started("sleep 1000 & exit 0")
    running = Running(process, "example.com/repository", LIMIT)
    while not is_to_be_collected(process.pid):
        await asyncio.sleep(0)
    for _ in range(10):
        await asyncio.sleep(0)  # the event loop hears of it, too
    await running.end()
    assert sent == [(signal.SIGTERM, True), (signal.SIGKILL, True)]
    assert process.returncode == 0


async def test_what_cannot_be_watched_is_an_error_of_the_system(monkeypatch: pytest.MonkeyPatch) -> None:
    def pidfd_open(_pid: int) -> int:
        raise OSError(24, "Too many open files")

    monkeypatch.setattr("os.pidfd_open", pidfd_open)
    with started("true") as process, pytest.raises(OSError, match="Too many"):
        Running(process, "example.com/repository", LIMIT)
