"""What an emulated network can be asked, whatever carries it (lab.md 3.4)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, Protocol, TypeAlias

if TYPE_CHECKING:
    import asyncio

    from modmirror.lab.net.profile import NetProfile, Topology

CutMode: TypeAlias = Literal["refuse", "reset", "blackhole"]
"""Refuse new connections and end old ones; reset old and new ones; or swallow everything silently."""

Streams: TypeAlias = "tuple[asyncio.StreamReader, asyncio.StreamWriter]"


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Where a client of a region connects to reach a server."""

    region: str
    host: str
    port: int
    connect_delay: float = 0.0
    """Seconds that the client should wait before it connects: what the backend cannot delay itself."""
    enter: tuple[str, ...] = ()
    """Words before a command so that it runs within the region; empty where that makes no difference."""


@dataclass(frozen=True, slots=True)
class Capabilities:
    """What a backend can do, on this machine, with these rights."""

    name: str
    available: bool
    reason: str
    """Why it is not available, or what limits it."""
    handshake: bool = False
    """Delays and loses TCP's own handshake."""
    packets: bool = False
    """Loses, corrupts, duplicates and reorders packets, of UDP too."""


@dataclass(slots=True)
class LinkStats:
    """What went through the links of a region."""

    connections: int = 0
    bytes_up: int = 0
    bytes_down: int = 0
    packets: int = 0
    dropped: int = 0


class Backend(Protocol):
    """An emulated network. Regions are named by the topology that was applied."""

    @property
    def capabilities(self) -> Capabilities:
        """What it can do."""
        ...

    async def apply(self, topology: Topology) -> tuple[Endpoint, ...]:
        """Set the network up; one endpoint for each link, in order. Raises ConfigError when it cannot."""
        ...

    async def open(self, region: str, host: str, port: int) -> Streams:
        """Connect from a region to any server, through the region's link. Raises OSError."""
        ...

    async def change(self, region: str, profile: NetProfile) -> None:
        """Let a link be like this from now on."""
        ...

    async def cut(self, region: str, mode: CutMode) -> None:
        """Break a link."""
        ...

    async def heal(self, region: str) -> None:
        """Undo a cut."""
        ...

    def stats(self) -> dict[str, LinkStats]:
        """Return what went through so far, by region."""
        ...

    async def close(self) -> None:
        """Take the network away; nothing of it stays."""
        ...
