"""Which upstream to look at although nobody asked for it: scores of the unused must not grow old.

Bounded three times: by a pause for each upstream, by a share of the traffic, and by silence when there is
no traffic at all (lab.md 4.3).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from modmirror.routing.budget import Tokens

if TYPE_CHECKING:
    from modmirror.routing.chance import Chance

BUSY = 1.0
"""Requests a second from which scores are needed soon."""
RARE = 60.0
"""Seconds between probes with less traffic than that."""
QUIET = 600.0
"""Seconds without a request after which nothing is probed."""
_SHARE = 0.03
_BURST = 10.0


@dataclass(frozen=True, slots=True)
class Look:
    """What is known of an upstream when it is asked whether a probe is due."""

    used: float
    """When it last said anything."""
    every: float
    """Seconds between probes in busy times."""
    trial: bool
    """Whether its breaker waits for a trial. Trials have a pause of their own and cost no budget."""


class Probes:
    """Decides when probes are due."""

    def __init__(self, chance: Chance) -> None:
        self.sent = 0
        self._chance = chance
        self._tokens = Tokens(_SHARE, _BURST)
        self._next: dict[str, float] = {}
        self._last_request: float | None = None

    def request(self, now: float) -> None:
        """Count a request of a client."""
        self._tokens.request()
        self._last_request = now

    def due(self, upstream: str, look: Look, traffic: float, now: float) -> bool:
        """Tell whether to probe an upstream now, and count that as done. ``traffic`` is a second."""
        if self._last_request is None or now - self._last_request > QUIET:
            return False
        if not look.trial:
            pause = look.every if traffic > BUSY else max(RARE, look.every)
            if now < max(look.used + pause, self._next.get(upstream, now)) or not self._tokens.take():
                return False
            # Not in step with other mirrors.
            self._next[upstream] = now + pause * (0.9 + 0.2 * self._chance.random())
        self.sent += 1
        return True
