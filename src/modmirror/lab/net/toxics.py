"""Toxics: what a TCP shaper does to the bytes of a connection, by toxiproxy's names and attributes.

Semantics are those of lab.md 3.1. ``corrupt`` and ``stall`` are our own: a flipped byte, and the pause
that a lost packet costs a TCP connection.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from random import Random
from typing import TYPE_CHECKING, Literal, TypeAlias

from modmirror.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from modmirror.lab.net.profile import NetProfile

Stream: TypeAlias = Literal["upstream", "downstream"]
"""From the client to the server, or back."""

ATTRIBUTES: dict[str, dict[str, float]] = {
    "latency": {"latency": 0.0, "jitter": 0.0},
    "bandwidth": {"rate": 0.0},
    "slow_close": {"delay": 0.0},
    "timeout": {"timeout": 0.0},
    "reset_peer": {"timeout": 0.0},
    "slicer": {"average_size": 0.0, "size_variation": 0.0, "delay": 0.0},
    "limit_data": {"bytes": 0.0},
    "corrupt": {"probability": 0.0},
    "stall": {"probability": 0.0, "burst": 1.0, "pause": 200.0},
}
"""Type to its attributes and their defaults. Times are ms (``slicer.delay``: µs), rates kB/s."""

RETRANSMIT_MS = 200.0
"""What Linux waits at least before it sends a lost segment again."""

LEAST_BYTES = 262_144
MOST_BYTES = 16_777_216
"""Bounds of what is under way in one direction of a connection: 1 Gbit/s for 134 ms, one way."""
_OPEN_RATE = 125e6
"""Bytes a second of a line without a limit, as far as memory is concerned: 1 Gbit/s."""
_MOST_SECONDS, _FEW_SECONDS = 0.1, 0.002
"""A rate is dosed at least by tenths of a second (lab.md 3.1), and no finer than is worth a wake-up."""
_DOSE_BYTES = 16_384
_KILO = 1000.0


@dataclass(frozen=True, slots=True)
class Toxic:
    """One effect on one direction."""

    name: str
    type: str
    stream: Stream = "downstream"
    toxicity: float = 1.0
    """Share of connections that it concerns."""
    attributes: Mapping[str, float] = field(default_factory=dict)

    def __getitem__(self, name: str) -> float:
        """Return an attribute, or its default."""
        return self.attributes.get(name, ATTRIBUTES[self.type][name])


class Bucket:
    """A rate shared by everything that reserves time on it: one for each region and direction."""

    def __init__(self) -> None:
        self._free = 0.0

    def reserve(self, size: int, rate: float, now: float) -> float:
        """Return the instant when ``size`` bytes will have passed at ``rate`` bytes a second."""
        self._free = max(self._free, now) + size / rate
        return self._free


def make_toxic(values: Mapping[str, object]) -> Toxic:
    """Read a toxic as toxiproxy's clients write it. Raises ConfigError."""
    kind = values.get("type")
    if not isinstance(kind, str) or kind not in ATTRIBUTES:
        raise ConfigError(
            "type", f"{kind!r} is no type of toxic", hint=f"known: {', '.join(sorted(ATTRIBUTES))}"
        )
    stream = values.get("stream") or "downstream"
    if stream not in {"upstream", "downstream"}:
        raise ConfigError("stream", f"{stream!r} is neither upstream nor downstream")
    given = values.get("attributes") or {}
    if not isinstance(given, dict):
        raise ConfigError("attributes", "is no table")
    attributes = {str(name): _number(f"attributes.{name}", value) for name, value in given.items()}
    unknown = sorted(set(attributes) - set(ATTRIBUTES[kind]))
    if unknown:
        raise ConfigError(
            f"attributes.{unknown[0]}",
            f"{kind} has no such attribute",
            hint=f"known: {', '.join(ATTRIBUTES[kind])}",
        )
    toxicity = _number("toxicity", values.get("toxicity", 1.0))
    if not 0 <= toxicity <= 1:
        raise ConfigError("toxicity", f"{toxicity} is not a share from 0 to 1")
    name = str(values.get("name") or f"{kind}_{stream}")
    direction: Stream = "upstream" if stream == "upstream" else "downstream"
    return Toxic(name, kind, direction, toxicity, attributes)


def toxics_of(profile: NetProfile) -> tuple[Toxic, ...]:
    """Return what makes a TCP connection behave about as it would over a link of this profile.

    Half the round trip is added in each direction. Lost packets become pauses.
    """
    made: list[Toxic] = []
    rates: tuple[tuple[Stream, float], ...] = (
        ("upstream", profile.rate_up),
        ("downstream", profile.rate_down),
    )
    for stream, rate in rates:
        if rate:
            made.append(_effect("bandwidth", stream, rate=rate * 125))
        if profile.rtt_ms or profile.jitter_ms:
            made.append(
                _effect("latency", stream, latency=profile.rtt_ms / 2, jitter=profile.jitter_ms / 2)
            )
        if profile.loss:
            pause = RETRANSMIT_MS + profile.rtt_ms
            made.append(
                _effect("stall", stream, probability=profile.loss, burst=profile.burst, pause=pause)
            )
    return tuple(made)


def concerns(toxic: Toxic, connection: int, seed: int) -> bool:
    """Draw whether a toxic concerns a connection: the same for a seed, whatever else is drawn."""
    if toxic.toxicity >= 1:
        return True
    draw = Random(f"{seed} {connection} {toxic.name}").random()  # noqa: S311 - to be repeated
    return draw < toxic.toxicity


def rate_of(toxics: Iterable[Toxic]) -> float:
    """Return bytes a second, or 0 where nothing limits them."""
    rates = [toxic["rate"] for toxic in toxics if toxic.type == "bandwidth" and toxic["rate"]]
    return min(rates, default=0.0) * _KILO


def dose(toxics: Iterable[Toxic], most: int) -> int:
    """Return how many bytes, of at most ``most``, wait for the rate together."""
    rate = rate_of(toxics)
    if not rate:
        return most
    fine = max(_DOSE_BYTES, int(rate * _FEW_SECONDS))
    return max(1, min(most, fine, int(rate * _MOST_SECONDS)))


def under_way(toxics: Sequence[Toxic]) -> int:
    """Return how many bytes a direction of a connection may hold.

    That is what the rate carries within the delay, so that the delay does not limit the rate, and one
    buffer; pauses for lost packets count as delay.
    """
    milliseconds = sum(
        toxic["latency"] + toxic["jitter"] if toxic.type == "latency" else toxic["pause"]
        for toxic in toxics
        if toxic.type in {"latency", "stall"}
    )
    product = (rate_of(toxics) or _OPEN_RATE) * milliseconds / _KILO
    return LEAST_BYTES + int(min(product, MOST_BYTES - LEAST_BYTES))


def slices(size: int, average: int, variation: int, chance: Random) -> list[int]:
    """Cut a chunk into uneven pieces: halve again and again, not quite in the middle (lab.md 3.1)."""
    average = max(1, average)
    if size - average <= max(variation, 0):
        return [size]
    middle = size // 2 + (chance.randint(-variation, variation) if variation > 0 else 0)
    middle = min(max(middle, 1), size - 1)
    return slices(middle, average, variation, chance) + slices(size - middle, average, variation, chance)


def _effect(kind: str, stream: Stream, **attributes: float) -> Toxic:
    return Toxic(f"{kind}_{stream}", kind, stream, 1.0, attributes)


def _number(key: str, value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or value < 0:
        raise ConfigError(key, f"{value!r} is not a number from 0 up")
    return float(value)
