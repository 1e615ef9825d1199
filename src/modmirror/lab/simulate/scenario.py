"""What is simulated: upstreams with their latencies and their bad hours, and how much is asked of them."""

from __future__ import annotations

import math
from dataclasses import dataclass
from hashlib import blake2b
from typing import TYPE_CHECKING, Literal, TypeAlias

from msgspec import Struct, field

if TYPE_CHECKING:
    from random import Random

Trouble: TypeAlias = Literal["slow", "black-hole", "refuse", "erring", "busy", "worsening"]
"""``slow``: answers take ``factor`` times as long. ``black-hole``: no answer at all. ``refuse``: refused at
once. ``erring``: a share ``factor`` of answers is 500. ``busy``: 429 with Retry-After ``factor``.
``worsening``: the factor grows from 1 to ``factor`` over the time."""


class Fault(Struct, frozen=True, forbid_unknown_fields=True):
    """Trouble of one upstream from ``start`` to ``end``, in seconds."""

    trouble: Trouble
    start: float
    end: float
    factor: float = 1.0


class Site(Struct, frozen=True, forbid_unknown_fields=True):
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
    faults: tuple[Fault, ...] = field(default=(), name="fault")


class Arrival(Struct, frozen=True, forbid_unknown_fields=True):
    """One request of a client."""

    at: float
    """Seconds from the beginning."""
    module: str


class Scenario(Struct, frozen=True, forbid_unknown_fields=True):
    """Sites in the order in which they would be declared, and the traffic."""

    name: str = ""
    sites: tuple[Site, ...] = field(default=(), name="site")
    title: str = ""
    seconds: float = 900.0
    rate: float = 20.0
    """Requests a second, arriving at random (Poisson)."""
    modules: int = 400
    patience: float = 3.0
    """Seconds after which a policy without a limit of its own gives up on an answer."""
    arrivals: tuple[Arrival, ...] = ()
    """Who asks when, instead of at random: ``rate`` and ``modules`` then mean nothing."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What a site does with one request."""

    what: Literal["ok", "absent", "erred", "broken", "busy", "silent"]
    seconds: float
    retry_after: float | None = None


_STRAGGLES = 20.0
_ANSWERLESS = frozenset({"black-hole", "refuse", "busy"})
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


def expected(site: Site, module: str, now: float) -> float | None:
    """Return the seconds that a typical answer with the file takes, queueing apart; None: there is none."""
    if site.lacks and _place(site.name, module) < site.lacks:
        return None
    seconds = site.median
    for fault in site.faults:
        if fault.start <= now < fault.end:
            if fault.trouble in _ANSWERLESS:
                return None
            seconds *= _slowness(fault, now)
    return seconds


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
