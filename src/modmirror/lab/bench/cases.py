"""What ``lab bench`` asks for: which modules, which files of them, over which connections."""

from __future__ import annotations

import hashlib
import tomllib
from dataclasses import dataclass
from importlib import resources
from typing import TYPE_CHECKING, Literal

import msgspec

from modmirror.errors import ConfigError, InvalidTarget
from modmirror.measure.score import class_of
from modmirror.mod.escape import escape_path, escape_version
from modmirror.mod.path import check_path

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from modmirror.measure.sample import Connection

ZIP = "zip"
"""Case of a zip whose size nobody knows; the beginning of the names of all cases of zips."""
_ZIPS = (ZIP, "zip-small", "zip-large")
NAMED = 3
"""So many of the first modules get a case of their own, by name."""


class BenchModule(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One module version."""

    path: str
    version: str
    zip: Literal["", "small", "large", "unknown"] = ""
    """Whether its zip is fetched, and what is known of its size before the first look."""

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
    """As samples name it: ``info``, ``list``, ``zip-small``, ``zip-large``, ``zip`` (its size is
    not known), ``module:PATH``."""
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
    module = BenchModule(path, version, zip="unknown")
    try:
        if not at or not version:
            raise ConfigError(
                "--module", f'"{word}" has no version', hint="as in golang.org/x/text@v0.14.0"
            )
        module.file("info")
    except InvalidTarget as error:
        raise ConfigError("--module", error.reason, hint="as in golang.org/x/text@v0.14.0") from error
    return module


def cases_of(modules: Sequence[BenchModule], sizes: Mapping[str, int] | None = None) -> tuple[Case, ...]:
    """Return the cases that a list of modules allows.

    Args:
        modules: what is asked for.
        sizes: bytes of the zips that were seen, by escaped path. They decide which zips are large; what the
            list says of a zip counts where nobody delivered it.
    """
    every = tuple(modules)
    zips: dict[str, list[BenchModule]] = {name: [] for name in _ZIPS}
    for module in every:
        if module.zip:
            zips[_zip_case(module, sizes or {})].append(module)
    return (
        Case("info", "cold", "info", every),
        Case("info", "warm", "info", every),
        Case("list", "warm", "list", every),
        *(Case(f"module:{module.path}", "warm", "info", (module,)) for module in every[:NAMED]),
        *(Case(name, "warm", "zip", tuple(chosen)) for name, chosen in zips.items() if chosen),
    )


def _zip_case(module: BenchModule, sizes: Mapping[str, int]) -> str:
    path = module.file("zip")
    if path in sizes:
        return class_of(path, sizes[path])
    return ZIP if module.zip == "unknown" else f"{ZIP}-{module.zip}"


def digest_of(modules: Sequence[BenchModule]) -> str:
    """Return a digest by which two runs know that they asked for the same."""
    lines = "".join(f"{module.path}@{module.version} {module.zip}\n" for module in modules)
    return f"sha256:{hashlib.sha256(lines.encode()).hexdigest()}"
