"""When to look for a version, where, and what a look has seen. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, Protocol, TypeAlias

from modmirror.lab.bench.content import checked_small
from modmirror.mod.path import check_path
from modmirror.mod.semver import build, prerelease, sort_key
from modmirror.protocol.info import parse_info

if TYPE_CHECKING:
    from modmirror.lab.bench.cases import BenchModule
    from modmirror.lab.engine.port import Fetched

Place: TypeAlias = Literal["info", "list", "latest"]
Ways: TypeAlias = Literal["split", "passive", "active", "both"]
"""``split``: every other version only passively, the rest only by name."""

FIRST = 5.0
"""Seconds of age at the first look; then twice as much each time (lab.md 2.5)."""
LONGEST = 300.0
"""Seconds between two looks at most."""
_AGAIN = 1.5
"""The next look is at this many times the age at least."""
_JITTER = 0.2


class Chance(Protocol):
    """A seeded source of chance, as ``random.Random`` is."""

    def uniform(self, a: float, b: float, /) -> float:
        """Return a number between two others."""
        ...


def next_look(age: float, chance: Chance) -> float:
    """Return at which age to look next: about 5, 10, 20, 40 … seconds, never regularly."""
    step = FIRST
    while step <= age * _AGAIN:
        step *= 2
    wait = min(step - age, LONGEST)
    return age + wait * chance.uniform(1 - _JITTER, 1 + _JITTER)


def places_of(module: BenchModule, number: int, ways: Ways) -> tuple[Place, ...]:
    """Return where to look for the version with a number in the order of birth.

    A mirror that fetches on demand has a version as soon as somebody asks for it by name. So the looks at
    ``list`` and ``latest`` are made for versions that nobody here asks for by name (lab.md 2.5).
    """
    passive: tuple[Place, ...] = ("list", "latest") if _may_be_latest(module.version) else ("list",)
    match ways:
        case "active":
            return ("info",)
        case "passive":
            return passive
        case "both":
            return (*passive, "info")
        case "split":
            return ("info",) if number % 2 else passive


def path_of(module: BenchModule, place: Place) -> str:
    """Return what is asked for."""
    return f"{module.base.removesuffix('@v/')}@latest" if place == "latest" else module.file(place)


def judged(fetched: Fetched, module: BenchModule, place: Place) -> Fetched:
    """Return the answer; ``ok`` is left only where it shows the version."""
    if not fetched.ok:
        return fetched
    if place != "latest":
        return checked_small(fetched, module, place)
    newest = _newest(fetched, module)
    if not newest:
        return fetched.judged("protocol", "not an @latest file")
    if sort_key(newest) < sort_key(module.version):
        return fetched.judged("mismatch", f"latest is still {newest[:80]}")
    return fetched


def is_past(fetched: Fetched, module: BenchModule) -> bool:
    """Tell from ``@latest`` that a newer version was there first: this one never becomes the latest."""
    newest = _newest(fetched, module) if fetched.ok else ""
    return bool(newest) and sort_key(newest) > sort_key(module.version)


def _newest(fetched: Fetched, module: BenchModule) -> str:
    try:
        return parse_info(fetched.body, module=check_path(module.path), requested=None).version
    except ValueError:
        return ""


def _may_be_latest(version: str) -> bool:
    return not prerelease(version) and not build(version)
