from __future__ import annotations

import asyncio
import time

import msgspec
import pytest

from modmirror.lab.net import process as module
from modmirror.lab.net.choice import LinksOff
from modmirror.lab.net.process import Job, Ready, linked
from modmirror.lab.net.profile import Link, NetProfile, Topology
from modmirror.lab.net.selftest import LONGEST
from modmirror.lab.results.links import LinkCheck
from tests.fakes.echoing import echo_server

LIMIT = 20.0


async def test_a_server_is_reached_through_links_that_were_measured_and_go_with_the_block() -> None:
    far = NetProfile(name="far", rtt_ms=80)
    async with echo_server() as (host, port):
        topology = Topology((Link(region="eu", host=host, port=port, profile=far),))
        try:
            async with linked(topology, 1) as ready:
                (end,) = ready.endpoints
                assert (end.region, end.connect_delay) == ("eu", 0.08)
                (check,) = ready.checks
                assert check.good
                assert check.measured["rtt_ms"] >= 79.9
                reader, writer = await asyncio.open_connection(end.host, end.port)
                begun = time.monotonic()
                writer.write(b"hello")
                assert await asyncio.wait_for(reader.readexactly(5), LIMIT) == b"hello"
                assert time.monotonic() - begun >= 0.079
                writer.close()
        except LinksOff as off:
            # A busy machine cannot carry them: that is said, and nothing goes through.
            pytest.skip(f"SKIPPED ALOUD: {off.reason}")
        with pytest.raises(OSError, match=r"refused|failed"):
            await asyncio.open_connection(end.host, end.port)


async def test_nothing_goes_through_a_link_that_is_off(monkeypatch: pytest.MonkeyPatch) -> None:
    off = LinkCheck("eu", "tcp", {}, {}, good=False, note="12 ms instead of 90 ms")

    async def told(_: object, job: Job, seconds: float) -> bytes:
        # One that is off is tested again and again, and has to be heard to the end.
        assert seconds > LONGEST
        assert job == msgspec.json.decode(msgspec.json.encode(job), type=Job)
        return msgspec.json.encode(Ready((), (off,)))

    monkeypatch.setattr(module, "told", told)
    topology = Topology((Link(region="eu", host="127.0.0.1", port=9, profile=NetProfile(rtt_ms=90)),))
    with pytest.raises(LinksOff, match="12 ms instead of 90"):
        async with linked(topology, 1):
            raise AssertionError("nobody may measure here")
