from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import pytest

from modmirror.lab.fault.rehearsal import NotWell, Rehearsal, rehearse
from modmirror.lab.fault.scenario import parse_scenario

if TYPE_CHECKING:
    from pathlib import Path

QUICK = parse_scenario(
    'title = "t"\nexpect = "e"\nbefore = 1\nfault = 1\nafter = 1\n[[step]]\ndo = "cut"\nmode = "refuse"\n',
    "quick",
)
FORWARDER = """
import asyncio, sys
from urllib.parse import urlsplit
up = urlsplit(sys.argv[2])
async def carry(reader, writer):
    try:
        while data := await reader.read(65536):
            writer.write(data)
            await writer.drain()
    finally:
        writer.close()
async def serve(reader, writer):
    try:
        back, forth = await asyncio.open_connection(up.hostname, up.port)
    except OSError:
        writer.close()
        return
    await asyncio.gather(carry(reader, forth), carry(back, writer), return_exceptions=True)
    writer.close()
async def main():
    server = await asyncio.start_server(serve, "127.0.0.1", int(sys.argv[1]))
    await server.serve_forever()
asyncio.run(main())
"""


def forwarder(directory: Path) -> str:
    file = directory / "forwarder.py"
    file.write_text(FORWARDER)
    return f"{sys.executable} {file} {{port}} {{upstream}}"


async def test_a_mirror_that_keeps_nothing_fails_with_its_upstream_and_comes_back(tmp_path: Path) -> None:
    lines: list[str] = []
    rehearsal = Rehearsal(scenario=QUICK, seed=1, command=forwarder(tmp_path))
    run = await rehearse(rehearsal, tmp_path, lines.append)
    assert [event.name for event in run.events] == ["fault", "cut", "healed"]
    assert len(run.points) == 30
    before = [point for point in run.points if point.at < 0.8]
    during = [point for point in run.points if 1.1 <= point.at < 1.9]
    assert all(point.ok for point in before)
    assert not any(point.ok for point in during)
    assert run.detect is not None
    # A kind is asked for at least once in half a second: its gap is most of the fault.
    assert run.gap > 0.5
    assert run.wrong == 0
    assert len(lines) == 3


async def test_a_mirror_that_never_worked_is_told_before_anything_is_measured(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("modmirror.lab.fault.rehearsal._WARM_TRIES", 2)
    rehearsal = Rehearsal(scenario=QUICK, mirror="http://127.0.0.1:9", scale=0.1)
    with pytest.raises(NotWell, match="does not serve"):
        await rehearse(rehearsal, tmp_path, lambda _: None)


def test_a_shortened_world_asks_more_often_but_stays_cheap() -> None:
    assert Rehearsal(scenario=QUICK).rate == 10.0
    assert Rehearsal(scenario=QUICK, scale=0.5).rate == 20.0
    assert Rehearsal(scenario=QUICK, scale=0.01).rate == 60.0
