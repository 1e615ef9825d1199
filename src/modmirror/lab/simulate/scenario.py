"""What is simulated: upstreams with their latencies and their bad hours, and how much is asked of them."""

from __future__ import annotations

import math
from dataclasses import dataclass
from hashlib import blake2b
from typing import TYPE_CHECKING, Literal, TypeAlias

if TYPE_CHECKING:
    from random import Random

Trouble: TypeAlias = Literal["slow", "black-hole", "refuse", "erring", "busy", "worsening"]
"""``slow``: answers take ``factor`` times as long. ``black-hole``: no answer at all. ``refuse``: refused at
once. ``erring``: a share ``factor`` of answers is 500. ``busy``: 429 with Retry-After ``factor``.
``worsening``: the factor grows from 1 to ``factor`` over the time."""


@dataclass(frozen=True, slots=True)
class Fault:
    """Trouble of one upstream from ``start`` to ``end``, in seconds."""

    trouble: Trouble
    start: float
    end: float
    factor: float = 1.0


@dataclass(frozen=True, slots=True)
class Site:
    """One made-up upstream. Latencies are lognormal around a median, with a few stragglers."""

    name: str
    median: float
    """Seconds."""
    sigma: float = 0.35
    stragglers: float = 0.01
    """Share of answers that take twenty times as long."""
    workers: int = 0
    """Requests that it answers at once, the others queue; 0: any number."""
    lacks: float = 0.0
    """Share of module prefixes that it does not have."""
    faults: tuple[Fault, ...] = ()


@dataclass(frozen=True, slots=True)
class Scenario:
    """Sites in the order in which they would be declared, and the traffic."""

    name: str
    sites: tuple[Site, ...]
    seconds: float = 900.0
    rate: float = 20.0
    """Requests a second, arriving at random (Poisson)."""
    modules: int = 400
    patience: float = 3.0
    """Seconds after which a policy without a limit of its own gives up on an answer."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What a site does with one request."""

    what: Literal["ok", "absent", "erred", "broken", "busy", "silent"]
    seconds: float
    retry_after: float | None = None


_STRAGGLES = 20.0
_HTTP_WORK = 0.3
"""Seconds of the latency of a refused connection or an error, as a share of a full answer."""


def answer(site: Site, module: str, now: float, chance: Random) -> Answer:
    """Draw what a site answers to a request that it begins to work on now, queueing apart."""
    seconds = site.median * math.exp(chance.gauss(0.0, site.sigma))
    if chance.random() < site.stragglers:
        seconds *= _STRAGGLES
    for fault in site.faults:
        if fault.start <= now < fault.end:
            troubled = _troubled(fault, seconds, chance)
            if troubled is not None:
                return troubled
            seconds *= _slowness(fault, now)
    if site.lacks and _place(site.name, module) < site.lacks:
        return Answer("absent", seconds)
    return Answer("ok", seconds)


def _troubled(fault: Fault, seconds: float, chance: Random) -> Answer | None:
    match fault.trouble:
        case "black-hole":
            return Answer("silent", math.inf)
        case "refuse":
            return Answer("broken", seconds * _HTTP_WORK)
        case "erring":
            return Answer("erred", seconds * _HTTP_WORK) if chance.random() < fault.factor else None
        case "busy":
            return Answer("busy", seconds * _HTTP_WORK, retry_after=fault.factor)
        case _:
            return None


def _slowness(fault: Fault, now: float) -> float:
    match fault.trouble:
        case "slow":
            return fault.factor
        case "worsening":
            return 1 + (fault.factor - 1) * (now - fault.start) / (fault.end - fault.start)
        case _:
            return 1.0


def _place(site: str, module: str) -> float:
    """Return a number from 0 to 1 that is always the same for a site and a module."""
    digest = blake2b(f"{site} {module}".encode(), digest_size=4).digest()
    return int.from_bytes(digest) / 2**32


# --- those of lab.md 4.2, and others that a router must survive ---

UNLIKE = (0.03, 0.06, 0.2, 0.4)
"""Medians of four unlike upstreams, in seconds."""


def four(*first: Fault, lacks: float = 0.0, workers: int = 0) -> tuple[Site, ...]:
    """Return four unlike sites, of which the best has faults, lacks modules or queues."""
    names = ("near", "next", "far", "farthest")
    best = Site(names[0], UNLIKE[0], faults=first, lacks=lacks, workers=workers)
    return (best, *(Site(name, median) for name, median in zip(names[1:], UNLIKE[1:], strict=True)))


def with_all(sites: tuple[Site, ...], *faults: Fault) -> tuple[Site, ...]:
    """Return sites that all have the same faults."""
    return tuple(
        Site(each.name, each.median, each.sigma, each.stragglers, each.workers, each.lacks, faults)
        for each in sites
    )


MAIN = Scenario("main", four(Fault("slow", 300, 360, 25), Fault("black-hole", 480, 540)))
QUEUEING = Scenario("queueing", four(workers=2), seconds=300, rate=60)
ALL_DOWN = Scenario("all-down", with_all(four(), Fault("refuse", 100, 160)), seconds=300)
FLAPPING = Scenario(
    "flapping", four(*(Fault("refuse", start, start + 5) for start in range(60, 300, 10))), seconds=360
)
SLOW_DEATH = Scenario("slow-death", four(Fault("worsening", 60, 260, 60)), seconds=300)
PARTIAL = Scenario("partial-coverage", four(lacks=0.4), seconds=300)
RECOVERY = Scenario("recovery", four(Fault("refuse", 100, 160)), seconds=300)

SCENARIOS = {
    each.name: each for each in (MAIN, QUEUEING, ALL_DOWN, FLAPPING, SLOW_DEATH, PARTIAL, RECOVERY)
}
