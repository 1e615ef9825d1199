from __future__ import annotations

import pytest

from modmirror.errors import ConfigError
from modmirror.lab.net import choice
from modmirror.lab.net.backend import Capabilities
from modmirror.lab.net.choice import BACKENDS, LinksOff, set_up
from modmirror.lab.net.profile import Link, NetProfile, Topology
from modmirror.lab.net.shaper import TcpBackend
from modmirror.lab.results.links import LinkCheck

LINE = NetProfile(rtt_ms=10)
TOPOLOGY = Topology((Link(region="eu", host="127.0.0.1", port=9, profile=LINE),))


class Named(TcpBackend):
    """A backend of another name, which may be missing."""

    name, there = "better", True
    closed = 0

    @property
    def capabilities(self) -> Capabilities:
        return Capabilities(self.name, available=self.there, reason="no kernel for it")

    async def close(self) -> None:
        type(self).closed += 1
        await super().close()


class Missing(Named):
    """Not here."""

    there = False


@pytest.fixture
def passing(monkeypatch: pytest.MonkeyPatch) -> set[str]:
    """Names of backends whose links are good."""
    names: set[str] = set()

    async def check(backend: TcpBackend, topology: Topology) -> tuple[LinkCheck, ...]:
        name = backend.capabilities.name
        return tuple(
            LinkCheck(region, name, {}, {}, good=name in names, note="off by a lot")
            for region in topology.profiles
        )

    monkeypatch.setattr(choice, "check_links", check)
    return names


async def test_the_first_that_passes_its_self_test_is_taken(passing: set[str]) -> None:
    passing |= {"tcp"}
    network = await set_up("auto", TOPOLOGY, backends={"x": Missing, "better": Named, "tcp": TcpBackend})
    assert network.backend.capabilities.name == "tcp"
    assert [endpoint.region for endpoint in network.endpoints] == ["eu"]
    assert Named.closed >= 1
    await network.backend.close()
    passing |= {"better"}
    network = await set_up("auto", TOPOLOGY, backends={"better": Named, "tcp": TcpBackend})
    assert network.backend.capabilities.name == "better"
    await network.backend.close()


async def test_links_that_are_off_are_never_used(passing: set[str]) -> None:
    with pytest.raises(LinksOff, match=r"eu \(tcp\): off by a lot") as caught:
        await set_up("tcp", TOPOLOGY)
    assert not caught.value.checks[0].good


async def test_a_backend_that_is_not_here_or_unknown_is_wrong_input() -> None:
    with pytest.raises(ConfigError, match="no kernel for it"):
        await set_up("x", TOPOLOGY, backends={"x": Missing})
    with pytest.raises(ConfigError, match='there is no "ns3"'):
        await set_up("ns3", TOPOLOGY)


def test_the_last_backend_works_everywhere() -> None:
    assert list(BACKENDS)[-1] == "tcp"
