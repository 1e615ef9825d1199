"""Settings of routing."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class RoutingSettings:
    """How upstreams are chosen by measurement. What is not here is not worth a setting."""

    hedge_share: float = 0.10
    """Second requests to another upstream when the first is slow, as a share of all; 0: none."""
    breakers: bool = True
    """Leave an upstream that fails alone until it is well again; false: ask it every time."""
    probe_every: float = 5.0
    """Seconds between probes of an unused upstream in a private network, in busy times."""
    public_probe_every: float = 30.0
    """The same for a public one: be polite."""
    stall_rate: float = 10_000.0
    """Bytes a second below which a body counts as stalled …"""
    stall_seconds: float = 15.0
    """… when it lasts this long. The rest is then taken from another upstream. Silence is borne for 1 to
    10 s only, as before an answer, while second requests may be sent (``hedge_share``)."""
    scores: str = ""
    """``results/bench.json`` of a run folder of the lab: its scores are the first opinion, until the mirror
    has its own."""
