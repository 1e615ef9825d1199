"""The real ``modmirror lab bench`` against emulated mirrors: right winner, kept when interrupted."""

from __future__ import annotations

import asyncio
import json
import signal
import sys
from contextlib import AsyncExitStack
from typing import TYPE_CHECKING

import pytest

from modmirror.lab.emulate.behaviour import Behaviour
from modmirror.lab.emulate.mirror import EmulatedMirror
from modmirror.lab.emulate.modules import ModuleSet
from modmirror.lab.report.reading import read_report
from modmirror.lab.results.bench import BenchResult
from modmirror.lab.run.folder import RunFolder

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

DEADLINE = 60.0
MODULES = ("--module", "example.com/lab/text@v1.0.0", "--module", "example.com/lab/yaml@v1.3.0")
DONE = {0, 2}
"""2: the machine was too busy to measure, as it may be while tests run; there is a result all the same."""


@pytest.fixture
async def mirrors(tmp_path: Path) -> AsyncIterator[Path]:
    """Serve three mirrors of one world; yields a targets file."""
    world = ModuleSet.generate(1)
    behaviours = {"good": Behaviour(), "slow": Behaviour(delay=0.03), "corrupt": Behaviour(corrupt=1.0)}
    async with AsyncExitStack() as stack:
        lines = []
        for name, behaviour in behaviours.items():
            url = await stack.enter_async_context(EmulatedMirror(world, behaviour).serve())
            lines.append(f'[[target]]\nname = "{name}"\nurl = "{url}"\n')
        file = tmp_path / "targets.toml"
        file.write_text("\n".join(lines))
        yield file


async def begin(*arguments: str) -> asyncio.subprocess.Process:
    return await asyncio.create_subprocess_exec(
        sys.executable, "-m", "modmirror", "lab", *arguments,
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip


async def test_the_slow_mirror_is_told_from_the_good_one_and_the_corrupt_one_has_no_speed(
    mirrors: Path, tmp_path: Path
) -> None:
    process = await begin(
        "bench", "good", "slow", "corrupt", "--targets", str(mirrors), *MODULES, "--blocks", "24",
        "--zips", "4", "--json", "--seed", "3", "--save", str(tmp_path / "run"),
    )  # fmt: skip
    out, err = await asyncio.wait_for(process.communicate(), DEADLINE)
    assert process.returncode in DONE, err.decode()
    result = json.loads(out)["result"]
    groups = result["groups"]["info/warm"]
    assert groups["good"] != groups["slow"]
    assert result["targets"]["slow"]["info/warm"]["median"]["value"] >= 0.03
    assert result["targets"]["corrupt"]["zip-small/warm"]["failed"] == 4
    assert result["targets"]["good"]["zip-small/warm"]["failed"] == 0
    run = RunFolder.open(tmp_path / "run")
    stored = run.result("bench", BenchResult)
    assert stored
    assert stored.groups["info/warm"] == groups
    again = read_report(run, remade=True)
    assert again.run.remade == ("bench",)
    assert again.bench == stored


async def test_ctrl_c_in_the_middle_keeps_the_run(mirrors: Path, tmp_path: Path) -> None:
    folder = tmp_path / "run"
    process = await begin(
        "bench", "slow", "--targets", str(mirrors), *MODULES, "--blocks", "5000", "--zips", "0",
        "--save", str(folder),
    )  # fmt: skip
    await asyncio.wait_for(lines_in(folder / "samples.jsonl", 20), DEADLINE)
    process.send_signal(signal.SIGINT)
    _, err = await asyncio.wait_for(process.communicate(), DEADLINE)
    assert process.returncode == 130, err.decode()
    assert b"Traceback" not in err
    assert f"modmirror lab report {folder}" in err.decode()
    run = RunFolder.open(folder)
    assert run.manifest.state == "interrupted"
    assert len(run.samples("bench")) >= 20
    result = run.result("bench", BenchResult)
    assert result
    assert result.stopped == "interrupted"
    assert read_report(run, remade=True).bench == result


async def test_kill_9_in_the_middle_leaves_a_run_that_can_be_reported(
    mirrors: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "run"
    process = await begin(
        "bench", "slow", "--targets", str(mirrors), *MODULES, "--blocks", "5000", "--zips", "0",
        "--save", str(folder),
    )  # fmt: skip
    await asyncio.wait_for(lines_in(folder / "samples.jsonl", 20), DEADLINE)
    process.kill()
    await asyncio.wait_for(process.communicate(), DEADLINE)
    run = RunFolder.open(folder)
    assert run.manifest.state == "running"
    assert len(run.samples("bench")) >= 20
    process = await begin("report", str(folder))
    out, err = await asyncio.wait_for(process.communicate(), DEADLINE)
    assert process.returncode in DONE, err.decode()
    assert "Made from the raw samples: bench." in out.decode()
    assert "Latency and speed" in out.decode()


async def lines_in(file: Path, count: int) -> None:
    while await asyncio.to_thread(whole_lines, file) < count:
        await asyncio.sleep(0.01)


def whole_lines(file: Path) -> int:
    return file.read_bytes().count(b"\n") if file.exists() else 0
