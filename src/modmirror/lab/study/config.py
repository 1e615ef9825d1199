"""What a study is told: mirrors, and a table for each measurement that is to be made."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import msgspec

from modmirror.errors import ConfigError
from modmirror.lab.freshness.looks import Ways  # noqa: TC001 - msgspec reads the annotations
from modmirror.lab.registry import Row, choose, known, make_targets
from modmirror.lab.tables import read_tables

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from modmirror.lab.target import Target

FILE = "study.toml"
"""Copy of the configuration, in the run's folder: what a run that goes on is compared with."""


class About(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """``[study]``."""

    mirrors: tuple[str, ...] = ()
    """Names of known mirrors, or URLs, beside the [[target]] tables."""
    region: str = ""
    seed: int | None = None
    for_: str = msgspec.field(default="", name="for")
    """For whom a setting is recommended: ``ci``, or a region such as ``cn``."""
    require: tuple[str, ...] = ()


class NetTable(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """``[net]``: every mirror behind one emulated line."""

    profile: str = ""
    """One of ``modmirror lab net presets``."""
    topology: str = ""
    """File as of ``modmirror lab net example``, beside the configuration, instead of a profile."""
    region: str = ""
    """Of the topology; its line leads to every mirror."""


class ProbeTable(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """``[probe]``: where the time of a request goes."""

    module: str = ""
    cold: int = 3
    warm: int = 5
    timeout: float = 15.0
    """Seconds for one request."""


class ProtocolTable(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """``[protocol]``: the conformance matrix."""

    module: str = ""
    branch: str = "master"
    upper: str = ""
    toolchain: str = ""
    """Version of golang.org/toolchain."""
    sumdb: str = ""


class CoverageTable(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """``[coverage]``: which modules there are, and whether rightly."""

    infos: int = 300
    zips: int = 30
    large: bool = False
    corpus: str = ""
    """File, beside the configuration."""
    from_: str = msgspec.field(default="", name="from")
    """A go.sum, beside the configuration."""
    sumdb: str = ""


class FreshnessTable(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """``[freshness]``: how soon new versions are there."""

    index: str = "https://index.golang.org"
    versions: str = ""
    """File of one's own versions."""
    count: int = 50
    ask: Ways = "split"
    minutes: float = 45.0


class BenchTable(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """``[bench]``: who is fast."""

    blocks: int = 100
    zips: int = 20
    modules: tuple[str, ...] = ()
    early_stop: bool = True


class ReplayTable(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """``[replay]``: what a whole build costs."""

    from_: tuple[str, ...] = msgspec.field(name="from")
    """go.sum or go.mod files of one build, beside the configuration."""
    repeats: int = 6
    go: bool = False
    """With the real go command too, for mirrors of one's own."""
    sumdb: str = "sum.golang.org"
    """Name of the database that is asked for what has no hash; ``off``: none."""


class CacheTable(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """``[cache]``: what a cache saves."""

    keys: int = 30
    together: int = 20
    requests: int = 200
    modules: tuple[str, ...] = ()


class LoadTable(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """``[load]``: how much one mirror of one's own can take."""

    target: str
    seconds: float = 10.0
    modules: tuple[str, ...] = ()
    most: float | None = None
    workers: int = 1


class FaultTable(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """``[fault]``: what becomes of a modmirror whose upstream is sick."""

    scenarios: tuple[str, ...] = ("all",)
    repeats: int = 1
    time_scale: float = 1.0
    second: bool = False


class Tables(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The whole file."""

    study: About = About()
    target: tuple[Row, ...] = ()
    net: NetTable | None = None
    probe: ProbeTable | None = None
    protocol: ProtocolTable | None = None
    coverage: CoverageTable | None = None
    freshness: FreshnessTable | None = None
    bench: BenchTable | None = None
    replay: ReplayTable | None = None
    cache: CacheTable | None = None
    load: LoadTable | None = None
    fault: FaultTable | None = None


@dataclass(frozen=True, slots=True)
class StudyConfig:
    """A configuration as it was read."""

    file: Path
    text: bytes
    tables: Tables
    targets: tuple[Target, ...]

    def beside(self, name: str) -> Path:
        """Return a file that the configuration names: its place counts from that of the configuration."""
        return self.file.parent / name


def read_study(file: Path, environ: Mapping[str, str]) -> StudyConfig:
    """Read a configuration.

    Raises:
        ConfigError: it cannot be read, names what there is not, or measures nothing.
    """
    try:
        text = file.read_bytes()
        tables = read_tables(
            text.decode("utf-8"),
            Tables,
            "CONFIG",
            str(file),
            hint="modmirror lab study --init prints every table and key",
        )
    except OSError as error:
        hint = "modmirror lab study --init > study.toml writes one to begin with"
        raise ConfigError("CONFIG", f"{file}: {error.strerror}", hint=hint) from error
    except UnicodeDecodeError as error:
        raise ConfigError("CONFIG", f"{file} is not UTF-8 text", hint="name a TOML file") from error
    own = make_targets(tables.target, str(file), environ)
    targets = (*own, *(each for each in _named(tables, own) if each not in own))
    if not targets:
        hint = 'mirrors = ["goproxy.cn"] under [study], or a [[target]] with name and url'
        raise ConfigError("CONFIG", f"{file} names no mirror", hint=hint)
    return StudyConfig(file, text, tables, targets)


def _named(tables: Tables, own: tuple[Target, ...]) -> tuple[Target, ...]:
    words = tables.study.mirrors
    return choose(words, own, known()) if words else ()
