"""The packet shaper: TUN devices in namespaces, and every packet between them passes through here.

It emulates what a TCP shaper cannot: the handshake and its retries, retransmission, UDP, reordering, a
silence without any reset. Python carries some 40,000 packets a second: keep rates below 100 Mbit/s.
Needs root, or a user namespace (``unshare --map-root-user``).
"""

from __future__ import annotations

import asyncio
import heapq
import os
from dataclasses import dataclass, field
from random import Random
from typing import TYPE_CHECKING

from modmirror.lab.net.backend import Capabilities, LinkStats
from modmirror.lab.net.namespace import Namespace, NotPermitted
from modmirror.lab.net.packets import Direction
from modmirror.lab.net.regions import RegionBackend

if TYPE_CHECKING:
    from modmirror.lab.net.profile import NetProfile

_PACKET_BYTES = 65_536
_AT_ONCE = 64
"""Packets read in a row, before anything else gets its turn."""
_GRAIN = 0.0005
"""Seconds: half a tick of the event loop's timers, so that packets are late and early alike."""


@dataclass
class Wire:
    """One direction between two devices: what waits on the way, by release."""

    law: Direction
    inlet: int
    outlet: int
    stats: LinkStats
    waiting: list[tuple[float, int, bytes]] = field(default_factory=list)
    _sequence: int = 0
    _timer: asyncio.TimerHandle | None = None

    def start(self) -> None:
        """Carry from now on."""
        asyncio.get_running_loop().add_reader(self.inlet, self._readable)

    def stop(self) -> None:
        """Carry no more; what is on the way is lost."""
        asyncio.get_running_loop().remove_reader(self.inlet)
        if self._timer is not None:
            self._timer.cancel()

    def _readable(self) -> None:
        now = asyncio.get_running_loop().time()
        for _ in range(_AT_ONCE):
            try:
                packet = os.read(self.inlet, _PACKET_BYTES)
            except BlockingIOError:
                break
            self._take(packet, now)
        self._flush()

    def _take(self, packet: bytes, now: float) -> None:
        self.stats.packets += 1
        releases = self.law.admit(len(packet), now)
        self.stats.dropped += not releases
        for release in releases:
            self._sequence += 1
            heapq.heappush(self.waiting, (release, self._sequence, self.law.damaged(packet)))

    def _flush(self) -> None:
        loop = asyncio.get_running_loop()
        until = loop.time() + _GRAIN
        while self.waiting and self.waiting[0][0] <= until:
            try:
                os.write(self.outlet, heapq.heappop(self.waiting)[2])
            except OSError:
                # The device takes no more, or not this damaged packet: it is lost, as on any line.
                self.stats.dropped += 1
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if self.waiting:
            self._timer = loop.call_at(self.waiting[0][0], self._flush)


class TunLine:
    """See `modmirror.lab.net.regions.Line`: a device at each end, and we are the wire between them."""

    def __init__(self, files: tuple[int, int], profile: NetProfile, chance: Random) -> None:
        """``files`` are the devices of region and hub."""
        inner, outer = self._files = files
        self._stats = LinkStats()
        self._up = Wire(Direction(profile, profile.rate_up, chance), inner, outer, self._stats)
        self._down = Wire(Direction(profile, profile.rate_down, chance), outer, inner, self._stats)
        self._up.start()
        self._down.start()

    def change(self, profile: NetProfile) -> None:
        """See `modmirror.lab.net.regions.Line.change`."""
        self._up.law.change(profile, profile.rate_up)
        self._down.law.change(profile, profile.rate_down)

    def cut(self, profile: NetProfile, *, away: bool) -> None:
        """See `modmirror.lab.net.regions.Line.cut`."""
        del profile
        self._up.law.cut = self._down.law.cut = away

    def count(self, stats: LinkStats) -> None:
        """See `modmirror.lab.net.regions.Line.count`."""
        stats.packets, stats.dropped = self._stats.packets, self._stats.dropped

    def close(self) -> None:
        """See `modmirror.lab.net.regions.Line.close`."""
        self._up.stop()
        self._down.stop()
        for file in self._files:
            os.close(file)


class TunBackend(RegionBackend):
    """See `modmirror.lab.net.backend.Backend`."""

    @property
    def capabilities(self) -> Capabilities:
        """See `modmirror.lab.net.backend.Backend.capabilities`."""
        try:
            probe = Namespace()
            try:
                os.close(probe.add_tun("probe", "10.0.0.1", "10.0.0.2"))
            finally:
                probe.close()
        except NotPermitted as error:
            return Capabilities("tun", available=False, reason=f"{error.reason} {error.hint}".strip())
        reason = "up to about 100 Mbit/s; clients run in their region's namespace"
        return Capabilities("tun", available=True, reason=reason, handshake=True, packets=True)

    def make_line(self, hub: Namespace, region: Namespace, number: int, profile: NetProfile) -> TunLine:
        """See `modmirror.lab.net.regions.RegionBackend.make_line`."""
        here, there = f"10.77.{number}.2", f"10.77.{number}.1"
        outer = hub.add_tun(f"region{number}", there, here)
        try:
            inner = region.add_tun("line", here, there)
        except NotPermitted:
            os.close(outer)
            raise
        chance = Random(f"{self.seed} {number}")  # noqa: S311 - losses that can be repeated
        return TunLine((inner, outer), profile, chance)
