"""What a build fetches, in the order in which the go command fetches it."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, TypeAlias

from modmirror.errors import ConfigError
from modmirror.mod.escape import escape_path, escape_version
from modmirror.mod.path import check_path
from modmirror.mod.pins import PinsError, join, read_pins

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from modmirror.mod.pins import Pin, Pins

Kind: TypeAlias = Literal["mod", "info", "zip", "lookup"]


@dataclass(frozen=True, slots=True)
class Fetch:
    """One request of a build."""

    kind: Kind
    path: str
    """Escaped, below the mirror's base."""
    pin: Pin
    digest: str = ""
    """``h1:`` that the file must have, where it is known."""


@dataclass(frozen=True, slots=True)
class Build:
    """A build: what is fetched for the graph of modules, then what is downloaded.

    Requests within one chain follow one another; chains run side by side, ten at once.
    """

    name: str
    graph: tuple[tuple[Fetch, ...], ...]
    """The go.mod files of all versions that were looked at."""
    downloads: tuple[tuple[Fetch, ...], ...]
    """Of each version that is needed: .info, the record of the checksum database, .zip."""

    @property
    def stages(self) -> tuple[tuple[tuple[Fetch, ...], ...], ...]:
        """Both, one after the other."""
        return self.graph, self.downloads

    @property
    def digest(self) -> str:
        """Digest by which two runs know that they asked for the same."""
        paths = [fetch.path for stage in self.stages for chain in stage for fetch in chain]
        return f"sha256:{hashlib.sha256(chr(10).join(paths).encode()).hexdigest()}"

    @property
    def versions(self) -> tuple[str, ...]:
        """``PATH@VERSION`` of everything that is downloaded."""
        return tuple(f"{chain[0].pin.module}@{chain[0].pin.version}" for chain in self.downloads)


def read_build(files: Sequence[Path], sumdb: str) -> Build:
    """Read go.sum, go.mod and the like.

    Args:
        files: What to read; all of them are one build.
        sumdb: Name of the checksum database that is asked for what has no hash in them; empty: none.

    Raises:
        ConfigError: with key ``FILE``.
    """
    pins = []
    for file in files:
        try:
            pins.append(read_pins(file.name, file.read_bytes()))
        except OSError as error:
            raise ConfigError(
                "FILE", f"{file}: {error.strerror}", hint="name a go.sum or go.mod"
            ) from error
        except PinsError as error:
            raise ConfigError("FILE", f"{file}: {error}", hint="name a go.sum or go.mod") from error
    try:
        joined = join(pins).pins
    except PinsError as error:
        raise ConfigError("FILE", str(error), hint="these files are of different builds") from error
    if not any("zip" in pin.files for pin in joined):
        raise ConfigError("FILE", "names no module version to download", hint="name a go.sum")
    return build_of(" ".join(file.name for file in files), joined, sumdb)


def build_of(name: str, pins: Sequence[Pin], sumdb: str) -> Build:
    """Return the requests that pins cause."""
    graph = tuple((_file("mod", pin, pin.mod_sum),) for pin in pins if "mod" in pin.files)
    downloads = []
    for pin in pins:
        if "zip" not in pin.files:
            continue
        chain = [_file("info", pin), _file("zip", pin, pin.zip_sum)]
        # What go.sum vouches for is looked up nowhere.
        if sumdb and not pin.zip_sum:
            chain.insert(1, Fetch("lookup", _lookup(pin, sumdb), pin))
        downloads.append(tuple(chain))
    return Build(name, graph, tuple(downloads))


def _read(file: Path) -> Pins:
    hint = "name a go.sum or go.mod"
    try:
        return read_pins(file.name, file.read_bytes())
    except OSError as error:
        raise ConfigError("FILE", f"{file}: {error.strerror}", hint=hint) from error
    except PinsError as error:
        raise ConfigError("FILE", f"{file}: {error}", hint=hint) from error


def _file(kind: Literal["mod", "info", "zip"], pin: Pin, digest: str = "") -> Fetch:
    escaped = escape_path(check_path(pin.module))
    return Fetch(kind, f"{escaped}/@v/{escape_version(pin.version)}.{kind}", pin, digest)


def _lookup(pin: Pin, sumdb: str) -> str:
    return f"sumdb/{sumdb}/lookup/{escape_path(check_path(pin.module))}@{escape_version(pin.version)}"
