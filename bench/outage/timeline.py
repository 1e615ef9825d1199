"""What goes wrong, and when. Pure.

Every fault has an upstream, or several, misbehave for a while; a pause after it lets everybody recover.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from tests.fakes.faults import Fault

UPSTREAMS = {"near": 0.03, "next": 0.06, "far": 0.2, "farthest": 0.4}
"""Names and median latencies in seconds, in declared order (lab.md 4.2)."""
SIGMA = 0.35
_SLOW = 25.0
CALM = "calm"
ALL_CUT = "all cut"
_CALM_BEFORE = 8.0
_LENGTH = 10.0
_PAUSE = 6.0


@dataclass(frozen=True, slots=True)
class Trouble:
    """What one upstream does instead of answering well."""

    faults: dict[str, Fault] = field(default_factory=dict)
    """By pattern of paths."""
    slower: float = 1.0
    """Times its latency."""
    cut: bool = False
    """Connections are refused."""


@dataclass(frozen=True, slots=True)
class Phase:
    """A stretch of the run."""

    name: str
    start: float
    end: float
    troubles: dict[str, Trouble] = field(default_factory=dict)
    """By upstream; the others are well."""

    @property
    def is_hopeless(self) -> bool:
        """Whether nobody could answer what is not cached."""
        return self.name == ALL_CUT


_NEAR: dict[str, Trouble] = {
    "cut": Trouble(cut=True),
    "slow": Trouble(slower=_SLOW),
    "black hole": Trouble({"*": Fault(stall_header=True)}),
    "reset": Trouble({"*": Fault(reset_after=0)}),
    "500": Trouble({"*": Fault(status=500)}),
    "429": Trouble({"*": Fault(status=429, headers={"Retry-After": "2"})}),
    "truncated": Trouble({"*": Fault(truncate_after=8)}),
    "corrupt": Trouble({"*.zip": Fault(flip=20_000)}),
}
"""Each of them befalls the best upstream, one after the other."""


def phases(scale: float) -> tuple[Phase, ...]:
    """Return the whole run; ``scale`` stretches or shortens it."""
    plans = [(name, {"near": trouble}) for name, trouble in _NEAR.items()]
    plans.append(("two sick", {"near": _NEAR["black hole"], "next": _NEAR["500"]}))
    plans.append((ALL_CUT, dict.fromkeys(UPSTREAMS, _NEAR["cut"])))
    made = [Phase(CALM, 0.0, _CALM_BEFORE * scale)]
    for name, troubles in plans:
        begin = made[-1].end
        made.append(Phase(name, begin, begin + _LENGTH * scale, troubles))
        made.append(Phase(CALM, made[-1].end, made[-1].end + _PAUSE * scale))
    return tuple(made)
