"""Names to addresses: each lookup is timed, and the first answer is pinned for the run (lab.md 2.3)."""

from __future__ import annotations

import asyncio
import ipaddress
import socket
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable

    from modmirror.lab.target import Family

_FAMILIES = {"": socket.AF_UNSPEC, "ipv4": socket.AF_INET, "ipv6": socket.AF_INET6}


class Resolve(Protocol):
    """Asks the system's resolver."""

    async def __call__(self, host: str, family: Family) -> tuple[str, ...]:
        """Return addresses in the system's order of preference. Raises OSError when there are none."""
        ...


async def system_resolve(host: str, family: Family) -> tuple[str, ...]:
    """Ask the resolver of this machine."""
    loop = asyncio.get_running_loop()
    found = await loop.getaddrinfo(host, None, family=_FAMILIES[family], type=socket.SOCK_STREAM)
    return tuple(dict.fromkeys(str(place[0]) for *_, place in found))


class Names:
    """Looks names up. One for a run."""

    def __init__(self, resolve: Resolve, on_change: Callable[[str, str, str], None]) -> None:
        """``on_change`` hears host, pinned address and new ones when the pin is no longer among them."""
        self._resolve = resolve
        self._on_change = on_change
        self._pinned: dict[tuple[str, Family], tuple[str, ...]] = {}

    @staticmethod
    def is_address(host: str) -> bool:
        """Whether there is nothing to look up."""
        try:
            ipaddress.ip_address(host)
        except ValueError:
            return False
        return True

    async def look_up(self, host: str, family: Family) -> tuple[str, ...]:
        """Ask the resolver anew, and return the addresses to try in order: the pinned ones."""
        if self.is_address(host):
            return (host,)
        found = await self._resolve(host, family)
        pinned = self._pinned.setdefault((host, family), found)
        if pinned[0] not in found:
            self._on_change(host, pinned[0], ", ".join(found))
        return pinned

    def pin(self, host: str, family: Family, address: str) -> None:
        """Prefer the address that answered first, from now on."""
        pinned = self._pinned.get((host, family), ())
        if pinned and pinned[0] != address:
            rest = (each for each in pinned if each != address)
            self._pinned[host, family] = (address, *rest)
