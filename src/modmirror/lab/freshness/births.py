"""New versions and when they came: lines of an index, or of a file of one's own tags."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime  # noqa: TC003 - msgspec reads the annotations
from typing import TYPE_CHECKING

import msgspec

from modmirror.errors import ConfigError, InvalidTarget
from modmirror.lab.bench.cases import BenchModule
from modmirror.mod.path import check_path
from modmirror.mod.pseudo import is_pseudo_version
from modmirror.mod.version import check_version

if TYPE_CHECKING:
    from pathlib import Path

_HINT = 'one JSON object a line: {"Path":"…","Version":"…","Timestamp":"2026-01-02T03:04:05Z"}'


@dataclass(frozen=True, slots=True)
class Birth:
    """A version that came into the world at ``at``, in seconds since 1970."""

    module: BenchModule
    at: float

    @property
    def name(self) -> str:
        """What events and samples call it."""
        return f"{self.module.path}@{self.module.version}"


class _Line(msgspec.Struct, frozen=True):
    """One line of an index (index.golang.org)."""

    path: str = msgspec.field(name="Path")
    version: str = msgspec.field(name="Version")
    timestamp: datetime = msgspec.field(name="Timestamp")


def parse_births(data: bytes) -> tuple[Birth, ...]:
    """Read lines of an index, in their order.

    Pseudo-versions are left out: no list names them. So are lines that name no valid module version.

    Raises:
        ValueError: a line is not of that form; the text says which.
    """
    births = []
    for number, text in enumerate(data.split(b"\n"), 1):
        if not text.strip():
            continue
        try:
            line = msgspec.json.decode(text, type=_Line)
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            raise ValueError(f"line {number}: {error}") from error
        if line.timestamp.tzinfo is None:
            raise ValueError(f"line {number}: the time has no zone")
        birth = _birth(line.path, line.version, line.timestamp.timestamp())
        if birth is not None:
            births.append(birth)
    return tuple(births)


def read_births(file: Path) -> tuple[Birth, ...]:
    """Read a file of one's own versions. Raises ConfigError with key ``--versions``."""
    try:
        births = parse_births(file.read_bytes())
    except OSError as error:
        raise ConfigError("--versions", f"{file}: {error.strerror}", hint=_HINT) from error
    except ValueError as error:
        raise ConfigError("--versions", f"{file}: {error}", hint=_HINT) from error
    if not births:
        raise ConfigError("--versions", f"{file} names no version that a list would name", hint=_HINT)
    return births


def named_birth(name: str, at: float) -> Birth:
    """Return a birth by its name in a stored run."""
    path, _, version = name.partition("@")
    return Birth(BenchModule(path, version), at)


def _birth(path: str, version: str, at: float) -> Birth | None:
    try:
        checked = check_version(check_path(path), version)
    except InvalidTarget:
        return None
    return None if is_pseudo_version(checked) else Birth(BenchModule(path, checked), at)
