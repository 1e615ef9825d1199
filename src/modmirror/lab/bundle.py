"""What every measurement is given, and what it is: ``async def measure(lab) -> result``."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol, TypeVar

if TYPE_CHECKING:
    from random import Random

    from msgspec import Struct

    from modmirror.lab.engine.port import Engine, Fetched
    from modmirror.lab.run.port import Run
    from modmirror.lab.target import Target
    from modmirror.measure.sample import Sample

R_co = TypeVar("R_co", bound="Struct", covariant=True)


class Clock(Protocol):
    """Monotonic time, and waiting for it."""

    def now(self) -> float:
        """Return seconds since some instant."""
        ...

    async def sleep_until(self, instant: float) -> None:
        """Return at an instant of :meth:`now`, at once when it is over."""
        ...


class Progress(Protocol):
    """Tells a person how far it is. Never part of a result."""

    def begin(self, title: str, steps: int) -> None:
        """Start counting; ``steps`` is 0 when nobody knows how many there will be."""
        ...

    def step(self, text: str = "") -> None:
        """One more is done."""
        ...

    def note(self, text: str) -> None:
        """Say something that stays on the screen."""
        ...

    def end(self) -> None:
        """Take the bar away."""
        ...


@dataclass(frozen=True, slots=True)
class Lab:
    """The bench that a measurement works at."""

    targets: tuple[Target, ...]
    engine: Engine
    """Polite to hosts that one does not own, whatever it is asked."""
    run: Run
    chance: Random
    """Seeded: the only source of randomness."""
    clock: Clock
    progress: Progress
    began: float
    """Instant of the clock that samples and events count from."""

    def record(
        self, measurement: str, case: str, fetched: Fetched, *, block: int = 0, digest: str = ""
    ) -> Sample:
        """Keep what became of a request, and return the sample."""
        sample = fetched.sample(measurement, case, began=self.began, block=block, digest=digest)
        self.run.append(sample)
        return sample

    @property
    def elapsed(self) -> float:
        """Seconds since the beginning, as events count them."""
        return self.clock.now() - self.began


class Measurement(Protocol[R_co]):
    """One kind of measurement. Its samples, events and result go into ``lab.run``."""

    async def __call__(self, lab: Lab) -> R_co:
        """Measure. Raises only ConfigError, StorageFull, StorageBroken; a sick mirror is a result."""
        ...
