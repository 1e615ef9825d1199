"""An access log of a modmirror, read for what it says of the cache: one JSON object a line."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from modmirror.errors import ConfigError
from modmirror.lab.analysis.estimates import quantile_estimate
from modmirror.lab.cache.temperature import Asked, hits_by_temperature, said_in_log
from modmirror.lab.results.cache import HotResource, TargetCache
from modmirror.measure.hot import HotCounts

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

_OK = {200, 304}
_MEDIAN = 0.5
_HOUR = 60
"""Minutes."""


class Line(msgspec.Struct, frozen=True):
    """What is read of a line; more may stand in it."""

    time: float
    path: str
    status: int
    seconds: float
    cache: str = ""


def read_log(file: Path) -> list[Line]:
    """Read a log of JSON lines. A last line that was cut short is left out.

    Raises:
        ConfigError: with key ``--log``; it cannot be read, or a line is none of an access log.
    """
    try:
        *whole, rest = file.read_bytes().split(b"\n")
    except OSError as error:
        raise ConfigError(
            "--log", f"{file}: {error.strerror}", hint="name the mirror's access log"
        ) from error
    decoder = msgspec.json.Decoder(Line)
    lines = []
    for number, text in enumerate(whole, 1):
        try:
            lines.append(decoder.decode(text))
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            raise ConfigError(
                "--log", f"{file}: line {number} is none of an access log: {error}",
                hint="each line is an object with time, path, status, seconds and cache",
            ) from error  # fmt: skip
    if not lines:
        raise ConfigError("--log", f"{file} has no line" + (" that is whole" if rest else ""))
    return sorted(lines, key=lambda line: line.time)


def log_cache(lines: Iterable[Line]) -> TargetCache:
    """Return what a cache did by its log: hits by temperature, and what one saved."""
    good = list(_modules(lines))
    waits: dict[str, list[float]] = {"hit": [], "miss": []}
    for line in good:
        waits.get(said_in_log(line.cache), []).append(line.seconds)
    cold, warm = (quantile_estimate(waits[name], _MEDIAN) for name in ("miss", "hit"))
    both = cold.value is not None and warm.value is not None
    return TargetCache(
        cold=cold,
        warm=warm,
        ratio=msgspec.structs.replace(cold, value=None, low=None, high=None),
        coalescing=None,
        hits=hits_by_temperature(Asked(line.time, line.path, said_in_log(line.cache)) for line in good),
        saved_seconds=(cold.value or 0.0) - (warm.value or 0.0) if both else None,
        notes=("by the access log: seconds of whole answers, as clients took them",),
    )


def hottest(lines: Iterable[Line], number: int) -> tuple[HotResource, ...]:
    """Return what was asked for most in the last hour of a log, with what the counts may lack."""
    counts = HotCounts(_HOUR)
    last = 0.0
    for line in _modules(lines):
        counts.add({line.path: 1}, line.time)
        last = line.time
    return tuple(HotResource(heat.key, heat.in_window, heat.missed) for heat in counts.top(number, last))


def _modules(lines: Iterable[Line]) -> Iterator[Line]:
    """Yield good answers about modules and checksum databases, not about the mirror itself."""
    return (line for line in lines if line.status in _OK and ("/@" in line.path or "/sumdb/" in line.path))
