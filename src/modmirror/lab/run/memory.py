"""A run that nobody asked to keep."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

import msgspec

from modmirror.lab.run.changes import described, ended, flagged

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from msgspec import Struct

    from modmirror.lab.results.events import Event
    from modmirror.lab.run.manifest import Flag, Manifest, State
    from modmirror.lab.target import TargetEntry
    from modmirror.measure.sample import Sample

R = TypeVar("R")


class MemoryRun:
    """Keeps samples, events and results until the program ends."""

    def __init__(self, manifest: Manifest, today: Callable[[], str]) -> None:
        """``today`` returns date and time as manifests write them."""
        self._manifest = manifest
        self._today = today
        self._samples: list[Sample] = []
        self._events: list[Event] = []
        self._results: dict[str, bytes] = {}

    @property
    def manifest(self) -> Manifest:
        """What the run says of itself."""
        return self._manifest

    @property
    def place(self) -> str:
        """Nowhere."""
        return ""

    def append(self, sample: Sample) -> None:
        """Keep one sample."""
        self._samples.append(sample)

    def event(self, event: Event) -> None:
        """Keep one event."""
        self._events.append(event)

    def flag(self, flag: Flag) -> None:
        """Mark the run invalid."""
        self._manifest = flagged(self._manifest, flag)

    def describe(
        self,
        *,
        corpus: str | None = None,
        floor: dict[str, float] | None = None,
        targets: tuple[TargetEntry, ...] | None = None,
    ) -> None:
        """Add to the manifest what is known only now."""
        self._manifest = described(self._manifest, corpus, floor, targets)

    def samples(self, measurement: str | None = None) -> Sequence[Sample]:
        """Return the samples so far."""
        return [each for each in self._samples if measurement in {None, each.measurement}]

    def events(self) -> Sequence[Event]:
        """Return the events so far."""
        return list(self._events)

    def put_result(self, name: str, result: Struct | tuple[Struct, ...]) -> None:
        """Store the result of a measurement."""
        self._results[name] = msgspec.json.encode(result)

    def result(self, name: str, kind: type[R]) -> R | None:
        """Return the stored result of a measurement."""
        stored = self._results.get(name)
        return None if stored is None else msgspec.json.decode(stored, type=kind)

    def finish(self, state: State) -> None:
        """Write the end into the manifest."""
        self._manifest = ended(self._manifest, state, self._today())
