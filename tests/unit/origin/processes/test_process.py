from __future__ import annotations

import asyncio
import os
import secrets
import time
from pathlib import Path

import pytest
import uvloop

from modmirror.errors import (
    ConfigError,
    Overloaded,
    UpstreamBadAnswer,
    UpstreamTimeout,
    UpstreamUnavailable,
)
from modmirror.origin.processes.orphans import MARK
from modmirror.origin.processes.process import Bounds, Command, Tool
from tests.fakes.processes import none_left, some_left, wait_for, with_word

BOUNDS = Bounds(seconds=20.0)


def shell(script: str, directory: Path | None = None, **more: object) -> Command:
    given: dict[str, object] = {"environ": {}} | more
    return Command("example.com/repository", ("-c", script), directory or Path("/"), **given)  # type: ignore[arg-type]  # fields by name


@pytest.fixture
def tool() -> Tool:
    return Tool("sh", slots=4)


@pytest.fixture
def word() -> str:
    """Return something to recognise the processes of this test by."""
    return f"test-{secrets.token_hex(8)}"


async def test_output_errors_and_exit_code_come_back(tool: Tool) -> None:
    finished = await tool.run(shell("echo out; echo err >&2; exit 3"), BOUNDS)
    assert (finished.code, finished.stdout, finished.stderr) == (3, b"out\n", "err\n")


async def test_the_environment_is_what_was_given_and_a_fixed_path(
    tool: Tool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GIT_DIR", "/elsewhere")
    finished = await tool.run(shell("env", environ={"ONE": "1"}), BOUNDS)
    names = {line.partition("=")[0] for line in finished.stdout.decode().splitlines()}
    assert {"ONE", "PATH", MARK} <= names
    assert not names - {"ONE", "PATH", MARK, "PWD", "OLDPWD", "SHLVL", "_"}  # the shell adds the last ones


async def test_a_program_in_the_current_directory_is_never_found(tmp_path: Path) -> None:
    (tmp_path / "evil-tool").write_text("#!/bin/sh\n")
    (tmp_path / "evil-tool").chmod(0o755)
    here = Path.cwd()
    os.chdir(tmp_path)
    try:
        for search in ("", ".", f".{os.pathsep}/usr/bin", f"{os.pathsep}/usr/bin"):
            with pytest.raises(ConfigError, match="evil-tool"):
                Tool("evil-tool", 1, search)
    finally:
        os.chdir(here)


async def test_a_program_finds_others_in_absolute_folders_only() -> None:
    tool = Tool("sh", 1, os.pathsep.join((".", "/usr/bin", "", "bin", "/bin")))
    finished = await tool.run(shell('echo "$PATH"'), BOUNDS)
    assert finished.stdout == b"/usr/bin:/bin\n"


def test_a_missing_program_is_named_with_what_to_do() -> None:
    with pytest.raises(ConfigError) as caught:
        Tool("no-such-tool", 1)
    assert "no-such-tool" in caught.value.reason
    assert "Install no-such-tool" in caught.value.hint


async def test_a_program_that_cannot_start_is_the_tools_failure(tool: Tool, tmp_path: Path) -> None:
    with pytest.raises(UpstreamUnavailable, match="could not be started"):
        await tool.run(shell("true", tmp_path / "gone"), BOUNDS)


async def test_a_program_that_cannot_be_watched_is_ended(
    tool: Tool, word: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def pidfd_open(_pid: int) -> int:
        raise OSError(24, "Too many open files")

    monkeypatch.setattr("os.pidfd_open", pidfd_open)
    with pytest.raises(UpstreamUnavailable, match="could not be started: Too many open files"):
        await tool.run(shell("exec sleep 1000", environ={"WORD": word}), BOUNDS)
    assert await none_left(word)


async def test_standard_input_is_empty_unless_given(tool: Tool) -> None:
    assert (await tool.run(shell("cat"), BOUNDS)).stdout == b""
    assert (await tool.run(shell("cat", stdin=b"question\n"), BOUNDS)).stdout == b"question\n"


async def test_a_program_that_reads_no_input_is_no_failure(tool: Tool) -> None:
    finished = await tool.run(shell("exec 0<&-; echo done", stdin=b"x" * 60_000), BOUNDS)
    assert finished.stdout == b"done\n"


async def test_what_runs_too_long_is_ended_with_its_children(tool: Tool, word: str) -> None:
    script = "sleep 1000 & sh -c 'sleep 1000; true' & wait"
    with pytest.raises(UpstreamTimeout, match="did not finish within 0.3 seconds"):
        await tool.run(shell(script, environ={"WORD": word}), Bounds(seconds=0.3))
    assert await none_left(word)


async def test_what_ignores_being_asked_to_end_is_ended(tool: Tool, word: str) -> None:
    script = "trap '' TERM; sleep 1000 & wait; sleep 1000"
    with pytest.raises(UpstreamTimeout):
        await tool.run(shell(script, environ={"WORD": word}), Bounds(seconds=0.3))
    assert await none_left(word)


async def test_children_that_outlive_the_program_are_ended(tool: Tool, word: str) -> None:
    with pytest.raises(UpstreamTimeout):
        await tool.run(shell("sleep 1000 & exit 0", environ={"WORD": word}), Bounds(seconds=0.5))
    assert await none_left(word)


async def test_a_caller_who_leaves_ends_the_run(tool: Tool, word: str) -> None:
    task = asyncio.create_task(tool.run(shell("sleep 1000 & sleep 1000", environ={"WORD": word}), BOUNDS))
    assert await some_left(word)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert await none_left(word)


async def test_a_caller_who_leaves_during_the_start_ends_the_run(tool: Tool, word: str) -> None:
    command = shell("sleep 1000 & sleep 1000 & wait", environ={"WORD": word})
    task = asyncio.create_task(tool.run(command, BOUNDS))
    while not with_word(word):
        await asyncio.sleep(0)
    wait_for(3, word)  # the tool has children, and the event loop does not know yet that it runs
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert with_word(word) == []


async def test_a_caller_who_leaves_twice_ends_the_run_all_the_same(tool: Tool, word: str) -> None:
    command = shell("trap '' TERM; while :; do sleep 0.05; done", environ={"WORD": word})
    task = asyncio.create_task(tool.run(command, BOUNDS))
    assert await some_left(word)
    task.cancel()
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    await tool.close()
    assert with_word(word) == []


async def test_more_output_than_allowed_ends_the_run(tool: Tool, word: str) -> None:
    started = time.monotonic()
    with pytest.raises(UpstreamBadAnswer, match="more than 1000 bytes"):
        await tool.run(
            shell("while :; do echo aaaaaaaaaaaaaaaa; done", environ={"WORD": word}),
            Bounds(seconds=20.0, output_bytes=1000),
        )
    assert time.monotonic() - started < 15
    assert await none_left(word)


async def test_of_errors_the_end_is_kept(tool: Tool) -> None:
    script = "i=0; while [ $i -lt 20000 ]; do echo chatter >&2; i=$((i+1)); done; echo the reason >&2"
    finished = await tool.run(shell(script), BOUNDS)
    assert finished.stderr.endswith("the reason\n")
    assert len(finished.stderr) <= 8192


async def test_output_waits_until_it_is_taken(tool: Tool, tmp_path: Path) -> None:
    script = f"head -c 50000000 /dev/zero; touch {tmp_path}/written"
    async with tool.start(shell(script), Bounds(seconds=20.0, output_bytes=1 << 30)) as running:
        first = await anext(running)
        for _ in range(100):
            await asyncio.sleep(0.001)
        assert not (tmp_path / "written").exists()
        rest = await running.finish()
    assert len(first) + len(rest.stdout) == 50_000_000
    assert (tmp_path / "written").exists()


async def test_a_stream_may_be_left_early(tool: Tool, word: str) -> None:
    command = shell("cat /dev/zero", environ={"WORD": word})
    async with tool.start(command, Bounds(seconds=20.0, output_bytes=1 << 40)) as running:
        async for _ in running:
            break
    assert await none_left(word)


@pytest.mark.parametrize(
    ("script", "bounds"),
    [
        ("head -c 2000000 /dev/zero > file", Bounds(20.0, file_bytes=1_000_000)),
        ("head -c 2G /dev/zero | tail -c 1G > /dev/null", Bounds(20.0, memory_bytes=1 << 26)),
    ],
    ids=["file size", "memory"],
)
async def test_limits_hold_for_children_too(
    tool: Tool, script: str, bounds: Bounds, tmp_path: Path
) -> None:
    assert (await tool.run(shell(f"sh -c '{script}' || exit 7", tmp_path), bounds)).code == 7
    sizes = await tool.run(shell("cat file 2>/dev/null | wc -c", tmp_path), BOUNDS)
    assert int(sizes.stdout) <= bounds.file_bytes


async def test_all_limits_are_set(tool: Tool) -> None:
    bounds = Bounds(seconds=5.0, file_bytes=512 * 1000, memory_bytes=1024 * 100_000)
    limits = await tool.run(shell("cat /proc/self/limits"), bounds)
    rows = {line[:26].strip(): line[26:].split()[:2] for line in limits.stdout.decode().splitlines()}
    assert rows["Max core file size"] == ["0", "0"]
    assert rows["Max file size"] == ["512000", "512000"]
    assert rows["Max address space"] == ["102400000", "102400000"]
    assert rows["Max cpu time"] == ["40", "40"]
    assert rows["Max processes"][0] != "unlimited"


async def test_no_more_run_at_once_than_there_are_places(tmp_path: Path) -> None:
    tool = Tool("sh", slots=2)
    script = f"mkdir {tmp_path}/$$; ls {tmp_path} | wc -l; sleep 0.1; rmdir {tmp_path}/$$"
    runs = await asyncio.gather(*(tool.run(shell(script), BOUNDS) for _ in range(6)))
    assert max(int(run.stdout) for run in runs) <= 2


async def test_who_finds_no_place_is_told_to_come_back() -> None:
    tool = Tool("sh", slots=1)
    async with tool.start(shell("sleep 1000"), BOUNDS):
        with pytest.raises(Overloaded) as caught:
            await tool.run(shell("true"), Bounds(seconds=0.1))
        assert caught.value.retry_after > 0
    assert (await tool.run(shell("true"), BOUNDS)).code == 0


async def test_a_callers_own_time_limit_is_not_taken_for_the_tools(tool: Tool) -> None:
    with pytest.raises(TimeoutError):
        async with tool.start(shell("sleep 1000"), BOUNDS), asyncio.timeout(0.05):
            await asyncio.Event().wait()


async def test_a_file_descriptor_is_held_by_children(tool: Tool, tmp_path: Path) -> None:
    held = os.open(tmp_path / "lock", os.O_CREAT | os.O_RDWR)
    try:
        finished = await tool.run(shell(f"sh -c 'ls -l /proc/self/fd/{held}'", keep=(held,)), BOUNDS)
    finally:
        os.close(held)
    assert finished.code == 0
    assert b"lock" in finished.stdout


def test_the_same_holds_on_uvloop(word: str) -> None:
    async def runs() -> None:
        tool = Tool("sh", slots=2)
        finished = await tool.run(shell("cat; echo err >&2; exit 3", stdin=b"x" * 50_000), BOUNDS)
        assert (finished.code, len(finished.stdout), finished.stderr) == (3, 50_000, "err\n")
        async with tool.start(shell("cat /dev/zero"), Bounds(20.0, output_bytes=1 << 40)) as running:
            await anext(running)
        with pytest.raises(UpstreamTimeout):
            await tool.run(shell("sleep 1000 & sleep 1000", environ={"WORD": word}), Bounds(seconds=0.3))
        assert await none_left(word)

    uvloop.run(runs())
