"""Which mirrors there are: the well-known public ones, built in as data, and one's own from a file."""

from __future__ import annotations

from dataclasses import replace
from importlib import resources
from typing import TYPE_CHECKING

import msgspec

from modmirror.errors import ConfigError
from modmirror.lab.tables import read_tables
from modmirror.lab.target import Family, Target, parse_target

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path


_HINT = 'each mirror is a [[target]] with name = "…" and url = "https://…"'


class Row(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One ``[[target]]`` of a file."""

    name: str
    url: str
    owned: bool = False
    region: str = ""
    operator: str = ""
    facts: tuple[str, ...] = ()
    issuer: str = ""
    family: Family = ""
    ca_file: str = ""
    connect_delay_ms: float = 0.0
    authorization_env: str = ""
    """Environment variable with the whole value of an Authorization header."""


class Rows(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A targets file."""

    target: tuple[Row, ...]


def known() -> tuple[Target, ...]:
    """Return the public mirrors that are built in."""
    text = resources.files("modmirror.lab").joinpath("targets.toml").read_text(encoding="utf-8")
    return parse_targets(text, "targets.toml", {})


def read_targets(file: Path, environ: Mapping[str, str]) -> tuple[Target, ...]:
    """Read a targets file. Raises ConfigError, with key ``--targets`` for what is of no key within it."""
    try:
        text = file.read_text(encoding="utf-8")
    except OSError as error:
        raise ConfigError("--targets", f"{file}: {error.strerror}", hint="name a TOML file") from error
    except UnicodeDecodeError as error:
        raise ConfigError("--targets", f"{file} is not UTF-8 text", hint="name a TOML file") from error
    return parse_targets(text, str(file), environ)


def parse_targets(text: str, source: str, environ: Mapping[str, str]) -> tuple[Target, ...]:
    """Return the targets of a TOML text. Raises ConfigError as :func:`read_targets` does."""
    rows = read_tables(text, Rows, "--targets", source, hint=_HINT)
    if not rows.target:
        raise ConfigError("--targets", f"{source} names no target", hint=_HINT)
    return make_targets(rows.target, source, environ)


def make_targets(rows: Sequence[Row], source: str, environ: Mapping[str, str]) -> tuple[Target, ...]:
    """Return the targets that rows of a file describe. Raises ConfigError with key ``--targets``."""
    names = [row.name for row in rows]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise ConfigError("--targets", f'{source}: two targets are called "{twice[0]}"', hint=_HINT)
    return tuple(_target(row, source, environ) for row in rows)


def choose(words: Sequence[str], own: Sequence[Target], public: Sequence[Target]) -> tuple[Target, ...]:
    """Return what the user named by URL or name, in order; with no word, all the own or else the public.

    Raises:
        ConfigError: with key ``MIRROR``: no such name, no URL, or one mirror twice.
    """
    if not words:
        return tuple(own or public)
    by_name = {target.name: target for target in (*public, *own)}
    chosen = tuple(by_name[word] if word in by_name else _by_url(word, by_name) for word in words)
    names = [target.name for target in chosen]
    for name in names:
        if names.count(name) > 1:
            raise ConfigError("MIRROR", f"{name} is named twice", hint="name each mirror once")
    return chosen


def _by_url(word: str, by_name: Mapping[str, Target]) -> Target:
    if "://" not in word:
        names = ", ".join(by_name)
        raise ConfigError("MIRROR", f'no target is called "{word}"', hint=f"a URL, or one of {names}")
    target = parse_target(word, key="MIRROR")
    # A known mirror by its URL is that mirror, with what is known of it.
    return next((each for each in by_name.values() if each.url == target.url), target)


def _target(row: Row, source: str, environ: Mapping[str, str]) -> Target:
    if not row.name or not row.name.isprintable():
        raise ConfigError("--targets", f"{source}: a target has no name that can be printed")
    if row.connect_delay_ms < 0:
        raise ConfigError("--targets", f"{source}: {row.name}: connect_delay_ms is below 0")
    target = parse_target(row.url, name=row.name, key=f"--targets: {source}: {row.name}")
    headers: dict[str, str] = {}
    if row.authorization_env:
        if row.authorization_env not in environ:
            raise ConfigError(
                "--targets",
                f"{source}: {row.name}: the environment has no {row.authorization_env}",
                hint=f"export {row.authorization_env}, or leave authorization_env out",
            )
        headers["authorization"] = environ[row.authorization_env]
    return replace(
        target,
        owned=row.owned,
        region=row.region,
        operator=row.operator,
        facts=row.facts,
        issuer=row.issuer,
        family=row.family,
        ca_file=row.ca_file,
        connect_delay=row.connect_delay_ms / 1000,
        headers=headers,
    )
