"""What happens to packets on one direction of a link: pure, with time and chance as arguments.

The laws are those of netem (lab.md 3.2): delay and jitter, Gilbert-Elliott losses, a rate with a bounded
queue, duplication, reordering, corruption.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from random import Random

    from modmirror.lab.net.profile import NetProfile

_BITS = 8
_MEGA = 1e6
_LEAST_QUEUE = 65_536
"""Bytes: a short line still takes a burst."""
_QUEUE_ROUND_TRIPS = 1.5
"""A queue of so many bandwidth-delay products, as lab.md 3.2 advises."""
_PARETO_SHAPE = 3.0
_PARETO_MEAN = _PARETO_SHAPE / (_PARETO_SHAPE - 1)


class Direction:
    """Judges packet after packet. ``rate`` is in Mbit/s, 0 for no limit."""

    def __init__(self, profile: NetProfile, rate: float, chance: Random) -> None:
        self._chance = chance
        self._losing = False
        self._free = 0.0
        self._last = 0.0
        self.cut = False
        self.change(profile, rate)

    def change(self, profile: NetProfile, rate: float) -> None:
        """Follow this profile from the next packet on."""
        self._profile = profile
        self._rate = rate * _MEGA / _BITS
        self._queue = max(_LEAST_QUEUE, self._rate * profile.base * _QUEUE_ROUND_TRIPS)
        # Half of the variance in each direction.
        self._jitter = profile.jitter_ms / 1000 / (2 if profile.dist == "uniform" else math.sqrt(2))

    def admit(self, size: int, now: float) -> tuple[float, ...]:
        """Return when a packet comes out: never, once, or twice."""
        if self.cut or self._is_lost():
            return ()
        passed = now
        if self._rate:
            if (self._free - now) * self._rate > self._queue:
                return ()
            self._free = max(self._free, now) + size / self._rate
            passed = self._free
        if self._chance.random() < self._profile.reorder:
            # As netem does it: this one overtakes all that are delayed.
            return (passed,)
        release = max(self._last, passed + self._delay())
        self._last = release
        twice = self._chance.random() < self._profile.duplicate
        return (release, release) if twice else (release,)

    def damaged(self, packet: bytes) -> bytes:
        """Return the packet, maybe with one bit turned."""
        if self._chance.random() >= self._profile.corrupt or not packet:
            return packet
        at = self._chance.randrange(len(packet))
        return packet[:at] + bytes([packet[at] ^ 1 << self._chance.randrange(8)]) + packet[at + 1 :]

    def _delay(self) -> float:
        half = self._profile.base / 2
        match self._profile.dist:
            case "uniform":
                extra = self._jitter * (2 * self._chance.random() - 1)
            case "normal":
                extra = self._chance.gauss(0, self._jitter)
            case "pareto":
                extra = self._jitter * (self._chance.paretovariate(_PARETO_SHAPE) - _PARETO_MEAN)
        return max(0.0, half + extra)

    def _is_lost(self) -> bool:
        """Step the Gilbert-Elliott chain: everything is lost in its bad state, nothing in its good one."""
        loss = self._profile.loss
        if loss >= 1:
            return True
        leave = 1 / self._profile.burst
        if self._losing:
            self._losing = self._chance.random() >= leave
        else:
            self._losing = self._chance.random() < min(1.0, loss * leave / (1 - loss))
        return self._losing
