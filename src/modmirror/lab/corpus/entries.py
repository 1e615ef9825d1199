"""A corpus: module versions by stratum, built in, from a file or from a go.sum (lab.md 2.5)."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from dataclasses import dataclass
from importlib import resources
from typing import TYPE_CHECKING

import msgspec

from modmirror.errors import ConfigError, InvalidTarget
from modmirror.lab.bench.cases import BenchModule
from modmirror.lab.tables import read_tables
from modmirror.mod.path import check_path
from modmirror.mod.pins import PinsError, read_pins
from modmirror.mod.version import check_version

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path
    from random import Random

OWN = "own"
"""Stratum of what a go.sum or go.mod names."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One module version that mirrors are asked for."""

    stratum: str
    module: BenchModule
    exists: bool = True
    """False: a good mirror says 404 or 410, and quickly."""
    large: bool = False
    """Its zip is tens of megabytes."""
    zip_sum: str = ""
    """``h1:`` as a go.sum knows it."""
    mod_sum: str = ""


class _Stratum(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    name: str
    modules: tuple[str, ...]
    exists: bool = True
    large: bool = False


class _Strata(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    stratum: tuple[_Stratum, ...]


def public_corpus() -> tuple[Entry, ...]:
    """Return the corpus that is built in."""
    text = resources.files("modmirror.lab.corpus").joinpath("public.toml").read_text(encoding="utf-8")
    return parse_corpus(text, "public.toml")


def read_corpus(file: Path) -> tuple[Entry, ...]:
    """Read a corpus file, TOML. Raises ConfigError; its key is one within the file, or ``--corpus``."""
    return parse_corpus(_read(file, "--corpus").decode("utf-8", "replace"), str(file))


def parse_corpus(text: str, source: str) -> tuple[Entry, ...]:
    """Return the entries of a TOML text. Raises ConfigError as :func:`read_corpus` does."""
    hint = 'each kind is a [[stratum]] with name = "…" and modules = ["PATH@VERSION", …]'
    try:
        strata = read_tables(text, _Strata, "--corpus", source, hint=hint).stratum
        entries = tuple(
            Entry(stratum.name, _module(word), stratum.exists, stratum.large)
            for stratum in strata
            for word in stratum.modules
        )
    except InvalidTarget as error:
        raise ConfigError("--corpus", f"{source}: {error}", hint=hint) from error
    return _checked(entries, "--corpus", source)


def read_pinned(file: Path) -> tuple[Entry, ...]:
    """Return what a go.sum (or go.mod, or list) pins, with its hashes. ConfigError has key ``--from``."""
    try:
        pins = read_pins(file.name, _read(file, "--from")).pins
    except PinsError as error:
        raise ConfigError("--from", f"{file}: {error}", hint="name a go.sum") from error
    entries = tuple(
        Entry(OWN, BenchModule(pin.module, pin.version), zip_sum=pin.zip_sum, mod_sum=pin.mod_sum)
        for pin in pins
        if "zip" in pin.files
    )
    return _checked(entries, "--from", str(file))


def digest_of(entries: Iterable[Entry]) -> str:
    """Return a digest by which two runs know that they asked for the same."""
    lines = "".join(
        f"{each.stratum} {each.module.path}@{each.module.version} {each.exists:d}\n" for each in entries
    )
    return f"sha256:{hashlib.sha256(lines.encode()).hexdigest()}"


def draw(entries: Sequence[Entry], count: int, chance: Random) -> tuple[Entry, ...]:
    """Return ``count`` of the entries at random, from every stratum in turn; all when there are no more."""
    rows: dict[str, list[Entry]] = defaultdict(list)
    for entry in entries:
        rows[entry.stratum].append(entry)
    for row in rows.values():
        chance.shuffle(row)
    drawn: list[Entry] = []
    while len(drawn) < count and any(rows.values()):
        drawn += [row.pop() for row in rows.values() if row]
    return tuple(drawn[:count])


def _module(word: str) -> BenchModule:
    path, _, version = word.partition("@")
    return BenchModule(path, check_version(check_path(path), version))


def _read(file: Path, key: str) -> bytes:
    try:
        return file.read_bytes()
    except OSError as error:
        raise ConfigError(key, f"{file}: {error.strerror}", hint="name a file that can be read") from error


def _checked(entries: tuple[Entry, ...], key: str, source: str) -> tuple[Entry, ...]:
    if not entries:
        raise ConfigError(key, f"{source} names no module version", hint="name one at least")
    names = [(entry.module.path, entry.module.version) for entry in entries]
    if len(set(names)) != len(names):
        twice = next(name for name in names if names.count(name) > 1)
        raise ConfigError(key, f"{source} names {'@'.join(twice)} twice", hint="name each version once")
    return entries
