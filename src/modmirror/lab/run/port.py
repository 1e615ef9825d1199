"""A run as measurements see it: a folder on disk or a list in memory."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol, TypeVar

if TYPE_CHECKING:
    from collections.abc import Sequence

    from msgspec import Struct

    from modmirror.lab.results.events import Event
    from modmirror.lab.run.manifest import Flag, Manifest, State
    from modmirror.lab.target import TargetEntry
    from modmirror.measure.sample import Sample

R = TypeVar("R")


class Run(Protocol):
    """Samples, events and results under a manifest. Every method is for one task at a time.

    Writing raises StorageFull or StorageBroken; what was written before stays readable.
    """

    @property
    def manifest(self) -> Manifest:
        """What the run says of itself."""
        ...

    @property
    def place(self) -> str:
        """Where it is kept, for a reader; empty when it is not."""
        ...

    def append(self, sample: Sample) -> None:
        """Keep one sample, at once."""
        ...

    def event(self, event: Event) -> None:
        """Keep one event, at once."""
        ...

    def flag(self, flag: Flag) -> None:
        """Mark the run invalid. A name that is there already stays as it is."""
        ...

    def describe(
        self,
        *,
        corpus: str | None = None,
        floor: dict[str, float] | None = None,
        targets: tuple[TargetEntry, ...] | None = None,
    ) -> None:
        """Add to the manifest what is known only now."""
        ...

    def samples(self, measurement: str | None = None) -> Sequence[Sample]:
        """Return the samples so far, all or of one measurement, in the order of their appending."""
        ...

    def events(self) -> Sequence[Event]:
        """Return the events so far."""
        ...

    def put_result(self, name: str, result: Struct | tuple[Struct, ...]) -> None:
        """Store (or replace) the result of a measurement."""
        ...

    def result(self, name: str, kind: type[R]) -> R | None:
        """Return the stored result of a measurement. Raises StorageBroken when it is not of that shape."""
        ...

    def finish(self, state: State) -> None:
        """Write the end into the manifest."""
        ...
