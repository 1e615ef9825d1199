"""A run as a folder: ``manifest.json``, ``samples.jsonl``, ``events.jsonl``, ``results/NAME.json``.

Samples and events are appended with one write each, so that a killed program loses at most the line that
it was writing. A torn last line is dropped with a note; a full disk leaves whole lines behind.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Self, TypeVar

import msgspec

from modmirror.errors import ConfigError, StorageBroken
from modmirror.lab.results.events import Event
from modmirror.lab.run.changes import described, ended, flagged, resumed
from modmirror.lab.run.lines import LineFile, translated, write_whole
from modmirror.lab.run.manifest import FORMAT, Flag, Manifest, State
from modmirror.measure.sample import Sample

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Sequence
    from pathlib import Path

    from msgspec import Struct

    from modmirror.lab.target import TargetEntry

R = TypeVar("R")
T = TypeVar("T")

_MANIFEST = "manifest.json"
_NAME = re.compile(r"[a-z][a-z0-9-]*")


class RunFolder:
    """One run on disk. Make it with :meth:`create` or :meth:`open`."""

    def __init__(self, path: Path, manifest: Manifest, today: Callable[[], str]) -> None:
        self.path = path
        self._manifest = manifest
        self._today = today
        self._samples = LineFile(path / "samples.jsonl", Sample)
        self._events = LineFile(path / "events.jsonl", Event)

    @classmethod
    def create(cls, path: Path, manifest: Manifest, today: Callable[[], str]) -> Self:
        """Begin a run in a new or empty folder. ``today`` returns date and time as manifests write them.

        Raises:
            ConfigError: something is there already, or it cannot be made.
        """
        try:
            path.mkdir(parents=True, exist_ok=True)
            taken = any(path.iterdir())
        except OSError as error:
            raise ConfigError(
                "--save", f"{path} cannot be made: {error.strerror}", hint="name another folder"
            ) from error
        if taken:
            raise ConfigError(
                "--save", f"{path} is not empty", hint="name a folder that does not exist yet"
            )
        run = cls(path, manifest, today)
        run._write_manifest(manifest)
        return run

    @classmethod
    def open(cls, path: Path, today: Callable[[], str] | None = None) -> Self:
        """Open a run that exists; without ``today`` it can be read and not finished again.

        Raises:
            ConfigError: this is no folder of a run, or one of another format.
        """
        file = path / _MANIFEST
        try:
            manifest = msgspec.json.decode(file.read_bytes(), type=Manifest)
        except OSError as error:
            raise ConfigError(
                "RUN",
                f"{path} is no run: {file.name}: {error.strerror}",
                hint="name a folder that --save made",
            ) from error
        except msgspec.DecodeError as error:
            raise ConfigError(
                "RUN", f"{file} cannot be read: {error}", hint="it was changed or cut short"
            ) from error
        if manifest.format != FORMAT:
            raise ConfigError(
                "RUN",
                f"{path} has format {manifest.format}, this version reads {FORMAT}",
                hint="use a newer modmirror",
            )
        return cls(path, manifest, today or (lambda: manifest.ended))

    @property
    def manifest(self) -> Manifest:
        """What the run says of itself."""
        return self._manifest

    @property
    def place(self) -> str:
        """Path of the folder."""
        return str(self.path)

    @property
    def notes(self) -> tuple[str, ...]:
        """What a reader should know of the files, after they were read."""
        return (*self._samples.notes, *self._events.notes)

    def append(self, sample: Sample) -> None:
        """Keep one sample, at once."""
        self._samples.append(sample)

    def event(self, event: Event) -> None:
        """Keep one event, at once."""
        self._events.append(event)

    def flag(self, flag: Flag) -> None:
        """Mark the run invalid."""
        self._write_manifest(flagged(self._manifest, flag))

    def describe(
        self,
        *,
        corpus: str | None = None,
        floor: dict[str, float] | None = None,
        targets: tuple[TargetEntry, ...] | None = None,
    ) -> None:
        """Add to the manifest what is known only now."""
        self._write_manifest(described(self._manifest, corpus, floor, targets))

    def samples(self, measurement: str | None = None) -> Sequence[Sample]:
        """Return the samples so far."""
        return [each for each in self._samples.read() if measurement in {None, each.measurement}]

    def events(self) -> Sequence[Event]:
        """Return the events so far."""
        return self._events.read()

    def put_result(self, name: str, result: Struct | tuple[Struct, ...]) -> None:
        """Store (or replace) the result of a measurement."""
        file = self._result_file(name)
        with translated(file):
            file.parent.mkdir(exist_ok=True)
        write_whole(file, msgspec.json.format(msgspec.json.encode(result), indent=1) + b"\n")

    def result(self, name: str, kind: type[R]) -> R | None:
        """Return the stored result of a measurement. Raises StorageBroken when it is not of that shape."""
        file = self._result_file(name)
        with translated(file):
            if not file.is_file():
                return None
            stored = file.read_bytes()
        try:
            return msgspec.json.decode(stored, type=kind)
        except msgspec.DecodeError as error:
            raise StorageBroken(
                f"{file} cannot be read: {error}",
                hint="modmirror lab report --remake makes the report from the samples",
            ) from error

    def set_aside(self, measurements: Collection[str], events: Collection[Event] = ()) -> None:
        """Move what is made again into files of its own, ``set-aside-*.jsonl``: nothing is lost."""
        samples = self._samples.read()
        moved = [each for each in samples if each.measurement in measurements]
        _move(self._samples, moved, [each for each in samples if each.measurement not in measurements])
        every = self._events.read()
        dropped = [each for each in every if each in events]
        _move(self._events, dropped, [each for each in every if each not in events])

    def resume(self) -> None:
        """Be a run that goes on, after it had ended."""
        self._write_manifest(resumed(self._manifest))

    def finish(self, state: State) -> None:
        """Write the end into the manifest."""
        self._write_manifest(ended(self._manifest, state, self._today()))
        self._samples.close()
        self._events.close()

    def _result_file(self, name: str) -> Path:
        assert _NAME.fullmatch(name), name  # noqa: S101  # names stand in our code, never in input
        return self.path / "results" / f"{name}.json"

    def _write_manifest(self, manifest: Manifest) -> None:
        # Remembered first: with a full disk, at least this process knows.
        self._manifest = manifest
        write_whole(
            self.path / _MANIFEST, msgspec.json.format(msgspec.json.encode(manifest), indent=1) + b"\n"
        )


def _move(file: LineFile[T], moved: Sequence[T], kept: Sequence[T]) -> None:
    if moved:
        aside = file.beside("set-aside")
        for each in moved:
            aside.append(each)
        aside.close()
        file.rewrite(kept)
