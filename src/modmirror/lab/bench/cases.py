"""What ``lab bench`` asks for: which modules, which files of them, over which connections."""

from __future__ import annotations

import hashlib
import tomllib
from dataclasses import dataclass
from importlib import resources
from typing import TYPE_CHECKING, Literal

import msgspec

from modmirror.errors import ConfigError, InvalidTarget
from modmirror.mod.escape import escape_path, escape_version
from modmirror.mod.path import check_path

if TYPE_CHECKING:
    from collections.abc import Sequence

    from modmirror.measure.sample import Connection

NAMED = 3
"""So many of the first modules get a case of their own, by name."""


class BenchModule(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One module version."""

    path: str
    version: str
    zip: Literal["", "small", "large"] = ""
    """In which case its zip is fetched."""

    @property
    def base(self) -> str:
        """Escaped path up to ``@v/``."""
        return f"{escape_path(check_path(self.path))}/@v/"

    def file(self, extension: str) -> str:
        """Return the escaped path of one of its files; ``list`` has no version."""
        return self.base + (
            "list" if extension == "list" else f"{escape_version(self.version)}.{extension}"
        )


class _Modules(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    module: tuple[BenchModule, ...]


@dataclass(frozen=True, slots=True)
class Case:
    """One thing that every target is asked for, once a block."""

    name: str
    """As samples name it: ``info``, ``list``, ``zip-small``, ``zip-large``, ``module:PATH``."""
    connection: Connection
    extension: Literal["info", "list", "zip"]
    modules: tuple[BenchModule, ...]
    """Taken in turn, one a block: within a block, all targets are asked for the same one."""

    def module(self, turn: int) -> BenchModule:
        """Return the module whose turn it is."""
        return self.modules[turn % len(self.modules)]

    @property
    def is_zip(self) -> bool:
        """Whether it is a download."""
        return self.extension == "zip"


def popular() -> tuple[BenchModule, ...]:
    """Return the modules that are built in."""
    text = resources.files("modmirror.lab").joinpath("popular.toml").read_text(encoding="utf-8")
    return msgspec.convert(tomllib.loads(text), _Modules).module


def parse_modules(words: Sequence[str]) -> tuple[BenchModule, ...]:
    """Read ``PATH@VERSION`` words; the zip of each is fetched. Raises ConfigError with key ``--module``."""
    return tuple(_module(word) for word in words)


def _module(word: str) -> BenchModule:
    path, at, version = word.partition("@")
    module = BenchModule(path, version, zip="large")
    try:
        if not at or not version:
            raise ConfigError(
                "--module", f'"{word}" has no version', hint="as in golang.org/x/text@v0.14.0"
            )
        module.file("info")
    except InvalidTarget as error:
        raise ConfigError("--module", error.reason, hint="as in golang.org/x/text@v0.14.0") from error
    return module


def cases_of(modules: Sequence[BenchModule]) -> tuple[Case, ...]:
    """Return the cases that a list of modules allows."""
    every = tuple(modules)
    zips = {size: tuple(each for each in every if each.zip == size) for size in ("small", "large")}
    return (
        Case("info", "cold", "info", every),
        Case("info", "warm", "info", every),
        Case("list", "warm", "list", every),
        *(Case(f"module:{module.path}", "warm", "info", (module,)) for module in every[:NAMED]),
        *(Case(f"zip-{size}", "warm", "zip", chosen) for size, chosen in zips.items() if chosen),
    )


def digest_of(modules: Sequence[BenchModule]) -> str:
    """Return a digest by which two runs know that they asked for the same."""
    lines = "".join(f"{module.path}@{module.version} {module.zip}\n" for module in modules)
    return f"sha256:{hashlib.sha256(lines.encode()).hexdigest()}"
