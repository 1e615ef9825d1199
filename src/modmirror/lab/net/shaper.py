"""The backend that works everywhere: a TCP proxy for each link, in this process."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from modmirror.lab.net.backend import Capabilities, Endpoint, LinkStats
from modmirror.lab.net.tcp import TcpProxy
from modmirror.lab.net.toxics import Bucket, toxics_of

if TYPE_CHECKING:
    from modmirror.lab.net.backend import CutMode, Streams
    from modmirror.lab.net.profile import NetProfile, Topology
    from modmirror.lab.net.toxics import Stream


class TcpBackend:
    """See `modmirror.lab.net.backend.Backend`."""

    def __init__(self, seed: int = 0) -> None:
        self._seed = seed
        self._profiles: dict[str, NetProfile] = {}
        self._proxies: dict[str, list[TcpProxy]] = {}
        self._buckets: dict[str, dict[Stream, Bucket]] = {}

    @property
    def capabilities(self) -> Capabilities:
        """See `modmirror.lab.net.backend.Backend.capabilities`."""
        return Capabilities(
            "tcp", available=True, reason="TCP only; losses become pauses, the connect phase is emulated"
        )

    async def apply(self, topology: Topology) -> tuple[Endpoint, ...]:
        """See `modmirror.lab.net.backend.Backend.apply`."""
        self._profiles = topology.profiles
        return tuple([await self._link(link.region, link.host, link.port) for link in topology.links])

    async def open(self, region: str, host: str, port: int) -> Streams:
        """See `modmirror.lab.net.backend.Backend.open`."""
        endpoint = await self._link(region, host, port)
        await asyncio.sleep(endpoint.connect_delay)
        return await asyncio.open_connection(endpoint.host, endpoint.port)

    async def change(self, region: str, profile: NetProfile) -> None:
        """See `modmirror.lab.net.backend.Backend.change`."""
        self._profiles[region] = profile
        for proxy in self._proxies.get(region, ()):
            proxy.replace(toxics_of(profile))

    async def cut(self, region: str, mode: CutMode) -> None:
        """See `modmirror.lab.net.backend.Backend.cut`."""
        for proxy in self._proxies.get(region, ()):
            await proxy.cut(mode)

    async def heal(self, region: str) -> None:
        """See `modmirror.lab.net.backend.Backend.heal`."""
        for proxy in self._proxies.get(region, ()):
            await proxy.heal()

    def stats(self) -> dict[str, LinkStats]:
        """See `modmirror.lab.net.backend.Backend.stats`."""
        return {
            region: LinkStats(
                connections=sum(proxy.stats.connections for proxy in proxies),
                bytes_up=sum(proxy.stats.bytes_up for proxy in proxies),
                bytes_down=sum(proxy.stats.bytes_down for proxy in proxies),
            )
            for region, proxies in self._proxies.items()
        }

    def proxies(self) -> dict[str, TcpProxy]:
        """Return the proxies by name: the region, and a number from its second link on."""
        return {proxy.name: proxy for proxies in self._proxies.values() for proxy in proxies}

    async def close(self) -> None:
        """See `modmirror.lab.net.backend.Backend.close`."""
        for proxies in self._proxies.values():
            for proxy in proxies:
                await proxy.close()
        self._proxies.clear()

    async def _link(self, region: str, host: str, port: int) -> Endpoint:
        buckets = self._buckets.setdefault(region, {"upstream": Bucket(), "downstream": Bucket()})
        proxies = self._proxies.setdefault(region, [])
        found = [proxy for proxy in proxies if proxy.upstream == (host, port)]
        if not found:
            name = f"{region}-{len(proxies) + 1}" if proxies else region
            proxy = TcpProxy(name, (host, port), seed=self._seed, buckets=buckets)
            proxy.replace(toxics_of(self._profiles[region]))
            await proxy.start()
            proxies.append(proxy)
            found = [proxy]
        return Endpoint(region, *found[0].listen, connect_delay=self._profiles[region].base)
