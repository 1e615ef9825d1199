"""The real ``modmirror lab demo``: right verdicts, and nothing of it stays when it is ended."""

from __future__ import annotations

import asyncio
import json
import signal
import sys
from pathlib import Path

import pytest

from modmirror.lab.run.folder import RunFolder

DEADLINE = 300.0
"""A minute on a machine of its own; the tests of a whole project are seldom alone."""


async def begin(*arguments: str) -> asyncio.subprocess.Process:
    return await asyncio.create_subprocess_exec(
        sys.executable, "-m", "modmirror", "lab", "demo", *arguments,
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip


async def test_a_quick_demonstration_finds_out_what_is_wrong_with_each_mirror(tmp_path: Path) -> None:
    process = await begin("--quick", "--seed", "1", "--json", "--save", str(tmp_path / "run"))
    out, err = await asyncio.wait_for(process.communicate(), DEADLINE)
    document = json.loads(out)
    wrong = [finding for finding in document["findings"] if not finding["right"]]
    if wrong and b"in doubt" in err:
        pytest.skip(f"SKIPPED ALOUD: this machine is too busy for a demonstration: {err.decode()}")
    assert wrong == []
    assert process.returncode == 0, err.decode()
    assert {finding["who"] for finding in document["findings"]} >= {
        "corrupt",
        "incomplete",
        "stale",
        "good",
    }
    run = RunFolder.open(tmp_path / "run")
    assert run.manifest.state == "complete"
    assert len(run.manifest.targets) == 6
    page = (tmp_path / "run" / "report.html").read_text(encoding="utf-8")
    assert "incomplete is excluded" in page


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGKILL, -9)])
async def test_nothing_of_it_stays_when_it_is_ended(tmp_path: Path, number: int, code: int) -> None:
    folder = tmp_path / "run"
    process = await begin("--quick", "--save", str(folder))
    async with asyncio.timeout(DEADLINE):
        while not (folder / "samples.jsonl").exists():
            await asyncio.sleep(0.02)
    children = await asyncio.to_thread(children_of, process.pid)
    assert len(children) >= 2
    process.send_signal(number)
    _, err = await asyncio.wait_for(process.communicate(), DEADLINE)
    assert process.returncode == code
    assert b"Traceback" not in err
    async with asyncio.timeout(DEADLINE):
        while await asyncio.to_thread(alive, children):
            await asyncio.sleep(0.02)
    assert (f"kept so far: {folder}" in err.decode()) == (number == signal.SIGINT)


def children_of(pid: int) -> list[int]:
    """Return the processes that one has started."""
    words = [file.read_text().split() for file in Path(f"/proc/{pid}/task").glob("*/children")]
    return [int(word) for each in words for word in each]


def alive(pids: list[int]) -> list[int]:
    """Return those that still run; one that nobody has waited for yet does not."""
    return [pid for pid in pids if state_of(pid) not in {"", "Z"}]


def state_of(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return ""
