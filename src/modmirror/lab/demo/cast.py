"""Who plays in the demonstration: five mirrors in three regions, each known for one thing. Pure.

The figures are chosen so that a naive look is wrong: the mirror that answers first delivers wrong files.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

from modmirror.lab.analysis.gates import POPULAR_STRATUM
from modmirror.lab.bench.cases import BenchModule
from modmirror.lab.corpus.entries import Entry
from modmirror.lab.emulate.behaviour import Behaviour, falls_on
from modmirror.lab.emulate.modules import CATALOGUE, WELL, ModuleSet, ModuleSpec
from modmirror.lab.net.profile import PRESETS, NetProfile
from modmirror.mod.pseudo import is_pseudo_version

Role: TypeAlias = Literal["good", "slow", "stale", "incomplete", "corrupt"]

SUBJECT = "modmirror"
"""The mirror in front of the five."""
NEAR, MIDDLE, FAR = "same-city", "cn-east-north", "eu-us"
FRESH = 16
"""Modules that get a new version during the demonstration."""
NEW_VERSION = "v1.1.0"
RATE = 20.0
"""Mbit/s of every link: what a shaper in user space holds on a busy machine too."""
_MIB = 1 << 20


@dataclass(frozen=True, slots=True)
class Part:
    """One emulated mirror."""

    role: Role
    """Also its name."""
    region: str
    """Name of a preset: where it is, as seen from here."""
    behaviour: Behaviour
    about: str
    """For the people who watch."""


def cast(stale: float) -> tuple[Part, ...]:
    """Return the five mirrors; the stale one is ``stale`` seconds behind."""
    return (
        Part("good", MIDDLE, Behaviour(), "has everything, at once"),
        Part("stale", MIDDLE, Behaviour(stale=stale), f"lists new versions {stale:g} s late"),
        Part("slow", FAR, Behaviour(delay=0.04, jitter=0.01, rate=6e5), "is far away, and slow besides"),
        Part("incomplete", NEAR, Behaviour(missing=0.3), "lacks three modules in ten"),
        Part("corrupt", NEAR, Behaviour(corrupt=0.4), "changes four zips in ten, and answers first"),
    )


def profile(region: str) -> NetProfile:
    """Return the link of a region, without losses: as pauses they would hide what is shown."""
    preset = PRESETS[region]
    return NetProfile(
        name=preset.name,
        rtt_ms=preset.rtt_ms,
        jitter_ms=preset.jitter_ms,
        rate_down=RATE,
        rate_up=RATE,
    )


def catalogue() -> tuple[ModuleSpec, ...]:
    """Return the modules of this world: many popular ones, some of each other kind."""
    popular = (
        ModuleSpec(f"example.com/lab/popular-{letter}", POPULAR_STRATUM, ("v1.0.0", "v1.1.0", "v1.2.0"))
        for letter in "abcdefgh"
    )
    others = (spec for spec in CATALOGUE if spec.stratum not in {"popular", "large", "fresh"})
    large = ModuleSpec("example.com/lab/large", "large", ("v1.0.0", "v1.1.0"), _MIB + _MIB // 8)
    return (*popular, *others, large, WELL, *(ModuleSpec(path, "fresh", ("v1.0.0",)) for path in fresh()))


def fresh() -> tuple[str, ...]:
    """Return the paths of the modules that get a new version."""
    return tuple(f"example.com/lab/fresh-{number}" for number in range(FRESH))


def world(seed: int) -> ModuleSet:
    """Return all modules; the same seed gives the same bytes in every process."""
    return ModuleSet.generate(seed, catalogue())


def corpus() -> tuple[Entry, ...]:
    """Return what coverage asks for: all that there is but the fresh ones, and some that there is not."""
    there = (
        Entry(spec.stratum, BenchModule(spec.path, version))
        for spec in catalogue()
        if spec.stratum != "fresh"
        for version in spec.versions
    )
    absent = (
        Entry("nonexistent", BenchModule("example.com/lab/nothing", "v1.0.0"), exists=False),
        Entry("nonexistent", BenchModule(WELL.path, "v1.0.0-absent"), exists=False),
    )
    return (*there, *absent)


def everywhere(seed: int) -> BenchModule:
    """Return a popular version that every mirror has, and rightly: with it, only rules are examined."""
    parts = [part.behaviour for part in cast(0.0)]
    for entry in corpus():
        name = f"{entry.module.path}@{entry.module.version}"
        faulty = any(
            falls_on(part.missing, seed, "missing", name) or falls_on(part.corrupt, seed, "corrupt", name)
            for part in parts
        )
        if entry.stratum == POPULAR_STRATUM and not faulty:
            return entry.module
    raise AssertionError(seed)  # of two dozen versions, each is fine with a chance of 0.42


def cold(count: int) -> tuple[BenchModule, ...]:
    """Return versions that nobody has asked for yet: they are made when somebody does."""
    return tuple(BenchModule(WELL.path, f"v1.{number}.0") for number in range(1, count + 1))


def asked() -> tuple[BenchModule, ...]:
    """Return what the comparison of speed asks for, the newest version of each module."""
    specs = [spec for spec in catalogue() if spec.stratum in {"popular", "large"}]
    return tuple(
        BenchModule(spec.path, spec.versions[-1], zip="large" if spec.stratum == "large" else "")
        for spec in specs
        if not is_pseudo_version(spec.versions[-1])
    )
