"""What the backends with namespaces share: a namespace for each region, one hub, and doors to servers.

A region's line leads to the hub, which is a namespace too: nothing of the machine's own network is
touched. In the hub, plain forwarders listen and connect to servers outside.
"""

from __future__ import annotations

import asyncio
import socket
from abc import ABC, abstractmethod
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

from modmirror.errors import ConfigError
from modmirror.lab.net.backend import Endpoint, LinkStats
from modmirror.lab.net.namespace import Namespace, NotPermitted
from modmirror.lab.net.tcp import TcpProxy, stream_socket

if TYPE_CHECKING:
    from modmirror.lab.net.backend import Capabilities, CutMode, Streams
    from modmirror.lab.net.profile import NetProfile, Topology

_MOST_REGIONS = 200


class Line(Protocol):
    """What joins a region to the hub."""

    def change(self, profile: NetProfile) -> None:
        """Be like this from now on."""
        ...

    def cut(self, profile: NetProfile, *, away: bool) -> None:
        """Lose every packet, or be like ``profile`` again."""
        ...

    def count(self, stats: LinkStats) -> None:
        """Write down packets so far."""
        ...

    def close(self) -> None:
        """Take it away."""
        ...


@dataclass
class Region:
    """A region's namespace, its line to the hub, and the doors there that lead to servers."""

    namespace: Namespace
    profile: NetProfile
    address: str
    """Of the hub, as seen from the region."""
    line: Line
    stats: LinkStats = field(default_factory=LinkStats)
    doors: dict[tuple[str, int], TcpProxy] = field(default_factory=dict)


class Door(TcpProxy):
    """A plain forwarder that listens in a namespace and connects outside of it."""

    def __init__(self, namespace: Namespace, address: str, upstream: tuple[str, int]) -> None:
        super().__init__("door", upstream, listen=(address, 0))
        self._namespace = namespace

    def new_socket(self, family: int) -> socket.socket:
        """Make the listener within the namespace."""
        return self._namespace.run(lambda: stream_socket(family))


class RegionBackend(ABC):
    """See `modmirror.lab.net.backend.Backend`. Who derives from it says what a line is."""

    def __init__(self, seed: int = 0) -> None:
        self.seed = seed
        self._hub: Namespace | None = None
        self._regions: dict[str, Region] = {}

    @property
    @abstractmethod
    def capabilities(self) -> Capabilities:
        """See `modmirror.lab.net.backend.Backend.capabilities`."""

    @abstractmethod
    def make_line(self, hub: Namespace, region: Namespace, number: int, profile: NetProfile) -> Line:
        """Join a region to the hub with 10.77.``number``.2 and .1. Raises NotPermitted."""

    async def apply(self, topology: Topology) -> tuple[Endpoint, ...]:
        """See `modmirror.lab.net.backend.Backend.apply`."""
        if len(topology.profiles) > _MOST_REGIONS:
            raise ConfigError("link", f"more than {_MOST_REGIONS} regions")
        try:
            self._hub = Namespace()
            for number, (name, profile) in enumerate(topology.profiles.items(), 1):
                self._regions[name] = self._made(self._hub, number, profile)
        except NotPermitted as error:
            raise ConfigError("--backend", error.reason, hint=error.hint) from error
        endpoints = []
        for link in topology.links:
            door = await self._door(link.region, link.host, link.port)
            enter = ("nsenter", f"--net={self._regions[link.region].namespace.path}", "--")
            endpoints.append(Endpoint(link.region, *door.listen, enter=enter))
        return tuple(endpoints)

    async def open(self, region: str, host: str, port: int) -> Streams:
        """See `modmirror.lab.net.backend.Backend.open`."""
        door = await self._door(region, host, port)
        made = self._regions[region].namespace.run(lambda: stream_socket(socket.AF_INET))
        made.settimeout(0)
        try:
            await asyncio.get_running_loop().sock_connect(made, door.listen)
        except BaseException:
            made.close()
            raise
        return await asyncio.open_connection(sock=made)

    async def change(self, region: str, profile: NetProfile) -> None:
        """See `modmirror.lab.net.backend.Backend.change`."""
        found = self._regions[region]
        found.profile = profile
        found.line.change(profile)

    async def cut(self, region: str, mode: CutMode) -> None:
        """See `modmirror.lab.net.backend.Backend.cut`. A black hole loses every packet, SYN included."""
        found = self._regions[region]
        await self.heal(region)
        if mode == "blackhole":
            found.line.cut(found.profile, away=True)
            return
        for door in found.doors.values():
            await door.cut(mode)

    async def heal(self, region: str) -> None:
        """See `modmirror.lab.net.backend.Backend.heal`."""
        found = self._regions[region]
        found.line.cut(found.profile, away=False)
        for door in found.doors.values():
            await door.heal()

    def stats(self) -> dict[str, LinkStats]:
        """See `modmirror.lab.net.backend.Backend.stats`."""
        for region in self._regions.values():
            region.line.count(region.stats)
            doors = [door.stats for door in region.doors.values()]
            region.stats.connections = sum(each.connections for each in doors)
            region.stats.bytes_up = sum(each.bytes_up for each in doors)
            region.stats.bytes_down = sum(each.bytes_down for each in doors)
        return {name: region.stats for name, region in self._regions.items()}

    async def close(self) -> None:
        """See `modmirror.lab.net.backend.Backend.close`."""
        for region in self._regions.values():
            for door in region.doors.values():
                await door.close()
            region.line.close()
            region.namespace.close()
        self._regions.clear()
        if self._hub is not None:
            self._hub.close()
            self._hub = None

    def _made(self, hub: Namespace, number: int, profile: NetProfile) -> Region:
        namespace = Namespace()
        try:
            line = self.make_line(hub, namespace, number, profile)
        except NotPermitted:
            namespace.close()
            raise
        return Region(namespace, profile, f"10.77.{number}.1", line)

    async def _door(self, region: str, host: str, port: int) -> TcpProxy:
        found = self._regions[region]
        door = found.doors.get((host, port))
        if door is None and self._hub is not None:
            door = Door(self._hub, found.address, (host, port))
            await door.start()
            found.doors[host, port] = door
        if door is None:
            raise ConnectionError("the network has been taken away")
        return door
