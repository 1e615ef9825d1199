from __future__ import annotations

import pytest

from modmirror.lab import opening
from modmirror.lab.clock import SystemClock
from modmirror.lab.engine.port import Request
from modmirror.lab.opening import agent, open_engine
from modmirror.lab.politeness import PoliteEngine
from modmirror.lab.target import parse_target
from tests.fakes.lab import memory_run
from tests.fakes.lying_server import OK, LyingServer, always


def test_servers_are_told_who_asks() -> None:
    assert agent().startswith("modmirror-lab/")
    assert "measures Go module mirrors" in agent()


async def test_the_engine_is_polite_and_its_floor_is_known() -> None:
    run = memory_run()
    engine = await open_engine(run, SystemClock())
    server = LyingServer(always(OK))
    async with server.serve() as url:
        assert (await engine.fetch(Request(parse_target(url), "x"))).ok
    await engine.close()
    assert isinstance(engine, PoliteEngine)
    assert run.manifest.floor["total"] > 0
    assert f"user-agent: {agent()}".encode() in server.heads[0]


async def test_an_engine_that_cannot_be_calibrated_is_closed(monkeypatch: pytest.MonkeyPatch) -> None:
    closed: list[str] = []

    async def fail(engine: PoliteEngine) -> None:
        real = engine.close

        async def close() -> None:
            closed.append(engine.name)
            await real()

        monkeypatch.setattr(engine, "close", close)
        raise OSError("no loopback")

    monkeypatch.setattr(opening, "calibrate", fail)
    with pytest.raises(OSError, match="no loopback"):
        await open_engine(memory_run(), SystemClock())
    assert closed == ["modmirror http/1.1"]
