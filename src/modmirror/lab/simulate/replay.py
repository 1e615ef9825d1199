"""A mirror's access log as a scenario: what was not in its cache, and how fast those were whom it asked.

A log knows only whom the mirror did ask, and names nobody for a fetch that failed. So each upstream gets
the latencies that were seen, slow minutes included, and no other trouble.
"""

from __future__ import annotations

import math
from collections import defaultdict
from statistics import median
from typing import TYPE_CHECKING
from urllib.parse import unquote

import msgspec
from msgspec import Struct

from modmirror.errors import ConfigError
from modmirror.lab.simulate.scenario import Arrival, Fault, Scenario, Site
from modmirror.measure.score import at_share

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

_OK = 200
_MINUTE = 60.0
_ENOUGH = 20
"""Answers of an upstream from which its latencies can be told."""
_ENOUGH_IN_A_MINUTE = 5
_SLOW = 3.0
"""Times the median from which a minute was a slow one."""
_STRAGGLER = 10.0
"""Times the median from which an answer counts as a straggler."""
_LEAST_SIGMA = 0.05
_QUARTILES_OF_NORMAL = 1.349
"""Distance of the quartiles of a normal distribution, in its standard deviations."""
_HINT = "replay it against made-up upstreams: --sites main"


class _Line(Struct, frozen=True):
    """What is needed of a line of the log."""

    time: float
    path: str
    status: int
    seconds: float
    cache: str
    upstream: str = ""

    @property
    def is_asked(self) -> bool:
        """Whether it was a request that the mirror had to ask for."""
        return self.cache == "miss" and "/@" in self.path

    @property
    def is_told(self) -> bool:
        """Whether it says how fast an upstream was: a zip also says how fast its reader was."""
        told = self.status == _OK and self.upstream != ""
        return self.is_asked and told and not self.path.endswith(".zip")


def scenario_of(lines: Iterable[bytes], name: str, sites: tuple[Site, ...] = ()) -> Scenario:
    """Read a log; with ``sites`` only the clients come from it. Raises ConfigError."""
    asked = [line for line in _decoded(lines, name) if line.is_asked]
    if not asked:
        raise ConfigError(name, "no request in this log was a miss: nothing was asked of an upstream")
    asked.sort(key=lambda line: line.time)
    begin = asked[0].time
    arrivals = tuple(Arrival(line.time - begin, _module(line.path)) for line in asked)
    return Scenario(
        name=name,
        sites=sites or _sites(asked, begin, name),
        title=f"{len(asked)} misses of an access log.",
        seconds=max(1.0, arrivals[-1].at),
        arrivals=arrivals,
    )


def _decoded(lines: Iterable[bytes], name: str) -> list[_Line]:
    decode = msgspec.json.Decoder(_Line).decode
    read = []
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            read.append(decode(line))
        except msgspec.DecodeError as error:
            raise ConfigError(
                f"{name}, line {number}",
                f"is no line of an access log: {error}",
                hint="give the JSON lines that modmirror serve writes, or the name of a scenario",
            ) from error
    return read


def _module(path: str) -> str:
    return unquote(path.partition("/@")[0]).lstrip("/")


def _sites(asked: Sequence[_Line], begin: float, name: str) -> tuple[Site, ...]:
    """Describe who was asked, the most asked first."""
    seen: Mapping[str, list[tuple[float, float]]] = defaultdict(list)
    for line in asked:
        if line.is_told:
            seen[line.upstream].append((line.time - begin, max(line.seconds, 1e-6)))
    known = {upstream: answers for upstream, answers in seen.items() if len(answers) >= _ENOUGH}
    if len(known) < 2:  # noqa: PLR2004 - a choice takes two
        raise ConfigError(
            name, f"fewer than two upstreams have {_ENOUGH} answers in it: nothing to choose", hint=_HINT
        )
    return tuple(
        _site(upstream, known[upstream]) for upstream in sorted(known, key=lambda each: -len(known[each]))
    )


def _site(name: str, answers: Sequence[tuple[float, float]]) -> Site:
    usual = median(seconds for _, seconds in answers)
    slow = _slow_minutes(answers, usual)
    calm = [seconds for at, seconds in answers if not any(each.start <= at < each.end for each in slow)]
    middle = median(calm)
    logs = [math.log(seconds) for seconds in calm if seconds < _STRAGGLER * middle]
    spread = (at_share(logs, 0.75) - at_share(logs, 0.25)) / _QUARTILES_OF_NORMAL
    return Site(
        name,
        middle,
        sigma=max(_LEAST_SIGMA, spread),
        stragglers=1 - len(logs) / len(calm),
        faults=slow,
    )


def _slow_minutes(answers: Sequence[tuple[float, float]], usual: float) -> tuple[Fault, ...]:
    minutes: Mapping[int, list[float]] = defaultdict(list)
    for at, seconds in answers:
        minutes[int(at // _MINUTE)].append(seconds)
    return tuple(
        Fault("slow", number * _MINUTE, (number + 1) * _MINUTE, median(its) / usual)
        for number, its in sorted(minutes.items())
        if len(its) >= _ENOUGH_IN_A_MINUTE and median(its) > _SLOW * usual
    )
