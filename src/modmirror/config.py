"""The whole configuration: the one place that reads files and the environment.

Defaults, then one TOML file, then ``MODMIRROR_SECTION__KEY``, then flags; later wins. What each setting
means stands beside the component that uses it; how values are read and checked is in
:mod:`modmirror.settings`.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

from modmirror.origin.settings import AccessSettings, OriginSettings
from modmirror.policy.decide import RuleSettings  # noqa: TC001 - sections_of reads the annotations
from modmirror.protocol.freshness import FreshnessSettings
from modmirror.proxy.settings import DatabaseSettings, FillSettings, HotSettings, RouteSettings
from modmirror.routing.settings import RoutingSettings
from modmirror.server.settings import MemorySettings, ServerSettings
from modmirror.settings.build import build
from modmirror.settings.check import check_sections
from modmirror.settings.draft import Draft, Given, add_document, add_environment
from modmirror.settings.problem import config_error
from modmirror.settings.schema import sections_of
from modmirror.settings.toml import parse_document
from modmirror.storage.settings import StorageSettings
from modmirror.telemetry.settings import LogSettings
from modmirror.upstream.settings import CredentialSettings, HttpSettings

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from modmirror.settings.problem import Problem
    from modmirror.settings.schema import Section

DEFAULT_UPSTREAMS = ("https://proxy.golang.org", "https://goproxy.cn", "https://goproxy.io")
"""Independent public proxies, the best by measurement asked first; after any failure another is."""

DEFAULT_DATABASES = (
    "https://sum.golang.org",
    "https://sum.golang.google.cn",
    "https://goproxy.cn/sumdb/sum.golang.org",
)
"""Where sum.golang.org can be read. They need no trust: every answer is checked against its key."""

SEARCH = (Path("modmirror.toml"), Path("/etc/modmirror/modmirror.toml"))
"""Read when no file is named; the first that exists."""


@dataclass(frozen=True, slots=True)
class Config:
    """Everything a mirror can be told. Frozen before anything starts."""

    server: ServerSettings = field(default_factory=ServerSettings)
    memory: MemorySettings = field(default_factory=MemorySettings)
    log: LogSettings = field(default_factory=LogSettings)
    storage: StorageSettings = field(default_factory=StorageSettings)
    http: HttpSettings = field(default_factory=HttpSettings)
    routing: RoutingSettings = field(default_factory=RoutingSettings)
    fill: FillSettings = field(default_factory=FillSettings)
    freshness: FreshnessSettings = field(default_factory=FreshnessSettings)
    hot: HotSettings = field(default_factory=HotSettings)
    route: tuple[RouteSettings, ...] = (RouteSettings(from_=DEFAULT_UPSTREAMS),)
    sumdb: tuple[DatabaseSettings, ...] = (DatabaseSettings(from_=DEFAULT_DATABASES),)
    credential: tuple[CredentialSettings, ...] = ()
    origin: OriginSettings = field(default_factory=OriginSettings)
    access: tuple[AccessSettings, ...] = ()
    rule: tuple[RuleSettings, ...] = ()


SECTIONS: Mapping[str, Section] = sections_of(Config)


@dataclass(frozen=True, slots=True)
class Flag:
    """A value given on the command line: ``Flag("--port", "server", "port", 9000)``."""

    option: str
    section: str
    key: str
    value: object


@dataclass(frozen=True, slots=True)
class Loaded:
    """A configuration, and where each of its values came from."""

    config: Config
    sources: Mapping[str, str]
    """By dotted key (``server.port``, ``route[0].from``): ``default``, ``modmirror.toml:12``,
    ``MODMIRROR_SERVER__PORT`` or ``--port``."""
    file: Path | None = None
    """The TOML file that was read."""


def load_config(
    *,
    environ: Mapping[str, str],
    file: Path | None = None,
    flags: Sequence[Flag] = (),
    search: Sequence[Path] = SEARCH,
) -> Loaded:
    """Read, merge, convert and check a configuration.

    Raises:
        ConfigError: with every problem found, not only the first.
    """
    draft = Draft(SECTIONS)
    named = _named_file(environ)
    path = file or named or _first_existing(search)
    if path is not None:
        _add_file(draft, path, named_by="the variable MODMIRROR_CONFIG" if path is named else "")
    add_environment(draft, environ)
    for flag in flags:
        _add_flag(draft, flag)
    values, sources = build(draft, Config())
    if not draft.problems:
        draft.problems += [_placed(problem, sources) for problem in check_sections(values, environ)]
    if draft.problems:
        raise config_error(draft.problems)
    return Loaded(Config(**values), sources, path)


def _named_file(environ: Mapping[str, str]) -> Path | None:
    named = environ.get("MODMIRROR_CONFIG")
    return Path(named) if named else None


def _first_existing(search: Sequence[Path]) -> Path | None:
    return next((path for path in search if path.is_file()), None)


def _add_file(draft: Draft, path: Path, *, named_by: str) -> None:
    try:
        document = parse_document(path.read_text(encoding="utf-8"))
    except OSError as error:
        hint = f"{named_by} names it" if named_by else "`modmirror config example` prints one to begin with"
        draft.refuse("", f"cannot read {path}: {error.strerror}", hint)
    except UnicodeDecodeError:
        draft.refuse("", f"{path} is not UTF-8 text")
    except tomllib.TOMLDecodeError as error:
        draft.refuse("", f"{path} is not TOML: {error}")
    else:
        add_document(draft, document, str(path))


def _add_flag(draft: Draft, flag: Flag) -> None:
    """Set what a flag sets. In an array of tables that is the one for everything (``match = ["*"]``)."""
    index = 0
    if SECTIONS[flag.section].repeated:
        tables = draft.tables.get(flag.section, [])
        catch_all = [i for i, table in enumerate(tables) if _matches_all(table.get("match"))]
        index = catch_all[0] if catch_all else len(tables)
    draft.put(flag.section, index, flag.key, Given(flag.value, flag.option))


def _matches_all(match: Given | None) -> bool:
    return match is None or match.value in ("*", ["*"])


def _placed(problem: Problem, sources: Mapping[str, str]) -> Problem:
    return replace(problem, source=sources.get(problem.key, ""))
