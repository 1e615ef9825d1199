"""How an emulated mirror behaves: every fault that a measurement should find, each by its own number.

A share that concerns content (missing, corrupt) is decided by the name of what is asked for, so a
mirror is wrong about the same files each time. A share that concerns one exchange is drawn anew.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Protocol

from modmirror.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Mapping

_SCALE = 2.0**64


class Chance(Protocol):
    """Where random numbers come from."""

    def random(self) -> float:
        """Return a number from 0 up to 1."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Behaviour:
    """Times are seconds, shares are from 0 to 1. Without arguments: a good mirror."""

    delay: float = 0.0
    """Before each answer."""
    jitter: float = 0.0
    """The delay varies by so much, evenly, in both directions."""
    zip_delay: float = 0.0
    """Before a zip, in addition."""
    rate: float = 0.0
    """Bytes of body a second; 0 for no limit."""
    stale: float = 0.0
    """``list`` and ``@latest`` show the world as it was so long ago."""
    late: float = 0.0
    """A version asked for by name appears so long after it was published."""
    missing: float = 0.0
    """Share of module versions that it does not have."""
    corrupt: float = 0.0
    """Share of zips that are well made but hold something else."""
    garbled: float = 0.0
    """Share of bodies with one wrong byte."""
    errors: float = 0.0
    """Share of requests that are answered with ``error_status``."""
    error_status: int = 500
    busy: float = 0.0
    """Share of requests that are answered 429."""
    retry_after: float = 1.0
    """What a 429, and an error 503, asks for in Retry-After."""
    truncate: float = 0.0
    """Share of bodies that end halfway, with the connection."""
    endless: float = 0.0
    """Share of answers whose body never ends."""
    silent: float = 0.0
    """Share of requests that get no answer at all while the connection stays open."""
    auth: str = ""
    """``user:password`` without which the answer is 401."""
    sumdb: bool = True
    """Whether it passes on the checksum database."""

    def __post_init__(self) -> None:
        """Check the numbers. Raises ConfigError."""
        for name in SHARES:
            if not 0 <= getattr(self, name) <= 1:
                raise ConfigError(name, f"{getattr(self, name)} is not a share from 0 to 1")
        for name in ("delay", "jitter", "zip_delay", "rate", "stale", "late", "retry_after"):
            if getattr(self, name) < 0:
                raise ConfigError(name, f"{getattr(self, name)} is below 0")

    def scaled(self, factor: float) -> Behaviour:
        """Return the same behaviour in a world whose seconds are ``factor`` long."""
        times = {name: getattr(self, name) * factor for name in _TIMES}
        rest = {name: getattr(self, name) for name in _NAMES if name not in times and name != "rate"}
        return Behaviour(**times, **rest, rate=self.rate / factor)


SHARES = ("missing", "corrupt", "garbled", "errors", "busy", "truncate", "endless", "silent")
# Retry-After is whole seconds on the wire, in any world.
_TIMES = ("delay", "jitter", "zip_delay", "stale", "late")
_NAMES = tuple(field.name for field in fields(Behaviour))


def parse_behaviour(values: Mapping[str, object]) -> Behaviour:
    """Read a behaviour from a table of a file. Raises ConfigError for what no mirror does."""
    made: dict[str, object] = {}
    defaults = Behaviour()
    for key, value in values.items():
        if key not in _NAMES:
            raise ConfigError(key, "is nothing that a mirror does", hint=f"known: {', '.join(_NAMES)}")
        kind = type(getattr(defaults, key))
        plain = value if isinstance(value, bool) or kind is not float else _number(value)
        if type(plain) is not kind:
            raise ConfigError(key, f"{value!r} is not of the type {kind.__name__}")
        made[key] = plain
    return Behaviour(**made)  # type: ignore[arg-type]  # each was compared with the type of its default


def falls_on(share: float, seed: int, what: str, name: str) -> bool:
    """Decide once and for ever whether ``name`` belongs to a share, independently for each ``what``."""
    digest = hashlib.sha256(f"{seed} {what} {name}".encode()).digest()
    return int.from_bytes(digest[:8]) / _SCALE < share


def _number(value: object) -> object:
    return float(value) if isinstance(value, int) else value
