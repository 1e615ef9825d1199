from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from modmirror.errors import ConfigError
from modmirror.lab.net.backend import Capabilities
from modmirror.lab.net.namespace import Namespace, NotPermitted
from modmirror.lab.net.netem import join_by_veth
from modmirror.lab.net.profile import Link, NetProfile, Topology
from modmirror.lab.net.regions import RegionBackend
from tests.fakes.echoing import echo_server

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from modmirror.lab.net.backend import LinkStats

LIMIT = 20.0


class Plain:
    """A line that does nothing but write down what it is told."""

    def __init__(self) -> None:
        self.told: list[object] = []

    def change(self, profile: NetProfile) -> None:
        self.told.append(profile.name)

    def cut(self, profile: NetProfile, *, away: bool) -> None:
        self.told.append(away)

    def count(self, stats: LinkStats) -> None:
        stats.packets = 7

    def close(self) -> None:
        self.told.append("closed")


class PlainBackend(RegionBackend):
    """Regions on plain veth pairs."""

    def __init__(self) -> None:
        super().__init__()
        self.lines: list[Plain] = []

    @property
    def capabilities(self) -> Capabilities:
        return Capabilities("plain", available=True, reason="")

    def make_line(self, hub: Namespace, region: Namespace, number: int, profile: NetProfile) -> Plain:
        join_by_veth(hub, region, f"region{number}", number)
        self.lines.append(Plain())
        return self.lines[-1]


@pytest.fixture
async def backend() -> AsyncIterator[PlainBackend]:
    try:
        Namespace().close()
    except NotPermitted as error:
        pytest.skip(f"SKIPPED ALOUD: {error.reason}")
    made = PlainBackend()
    yield made
    await made.close()


def links(address: tuple[str, int], *regions: str) -> Topology:
    host, port = address
    return Topology(
        tuple(Link(region=each, host=host, port=port, profile=NetProfile(name=each)) for each in regions)
    )


async def test_each_region_reaches_a_server_that_listens_on_loopback_outside(backend: PlainBackend) -> None:
    async with echo_server() as address:
        endpoints = await backend.apply(links(address, "eu", "us"))
        assert [endpoint.host for endpoint in endpoints] == ["10.77.1.1", "10.77.2.1"]
        assert all(endpoint.enter[0] == "nsenter" for endpoint in endpoints)
        for region in ("eu", "us"):
            reader, writer = await asyncio.wait_for(backend.open(region, *address), LIMIT)
            writer.write(b"hello")
            assert await asyncio.wait_for(reader.readexactly(5), LIMIT) == b"hello"
            writer.close()
        stats = backend.stats()
        assert [(each.connections, each.bytes_up, each.packets) for each in stats.values()] == [
            (1, 5, 7)
        ] * 2


async def test_cuts_and_changes_reach_the_line_of_the_region_only(backend: PlainBackend) -> None:
    async with echo_server() as address:
        await backend.apply(links(address, "eu", "us"))
        await backend.change("eu", NetProfile(name="slow"))
        await backend.cut("eu", "blackhole")
        await backend.heal("eu")
        assert backend.lines[0].told == ["slow", False, True, False]
        assert backend.lines[1].told == []
        await backend.cut("us", "reset")
        reader, writer = await backend.open("us", *address)
        with pytest.raises(ConnectionResetError):
            await asyncio.wait_for(reader.readexactly(1), LIMIT)
        writer.close()
    await backend.close()
    assert backend.lines[1].told[-1] == "closed"


async def test_a_line_that_is_not_permitted_is_wrong_input(
    backend: PlainBackend, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> Plain:
        raise NotPermitted("no device", hint="be root")

    monkeypatch.setattr(backend, "make_line", refuse)
    with pytest.raises(ConfigError, match="no device") as caught:
        await backend.apply(links(("127.0.0.1", 9), "eu"))
    assert caught.value.hint == "be root"
