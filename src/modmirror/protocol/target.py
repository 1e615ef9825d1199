"""What a request names: the grammar of GOPROXY paths (protocol.md A.1, A.2, B.2).

Works on the path as it came, still percent-encoded: frameworks decode too early, too often or too kindly
(protocol.md A.18). Nothing here knows whether the thing named exists.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, TypeAlias
from urllib.parse import unquote_to_bytes

from modmirror.errors import InvalidTarget, NotExist
from modmirror.mod.escape import escape_path, escape_version, unescape_path, unescape_version
from modmirror.mod.version import check_version, version_problem
from modmirror.sumdb.tile import parse_tile_path

if TYPE_CHECKING:
    from collections.abc import Collection

    from modmirror.mod.escape import EscapedPath, EscapedVersion
    from modmirror.mod.path import ModulePath

MAX_PATH_BYTES = 2048
"""Longest path that is looked at. Real ones stay below 300; file systems take 4096 with their own part."""
MAX_ELEMENT_BYTES = 240
"""Longest escaped path element or version: file names end at 255 bytes, extensions included."""

_BAD_PERCENT = re.compile(rb"%(?![0-9A-Fa-f]{2})")
_CLIENT_SIDE_QUERIES = frozenset({"latest", "upgrade", "patch"})
_CACHED_ONLY = b"/cached-only/"


class Kind(StrEnum):
    """The endpoints of a module."""

    LIST = "list"
    LATEST = "latest"
    QUERY = "query"
    """``.info`` of a name that has to be resolved: a branch, a commit, a short or odd version."""
    INFO = "info"
    """``.info`` of a canonical version that may belong to the path: never changes."""
    MOD = "mod"
    ZIP = "zip"


class SumdbKind(StrEnum):
    """The endpoints of a checksum database."""

    SUPPORTED = "supported"
    LATEST = "latest"
    LOOKUP = "lookup"
    TILE = "tile"


@dataclass(frozen=True, slots=True)
class ModuleTarget:
    """A file of a module. ``version`` is canonical for info, mod and zip, free for query, else empty."""

    kind: Kind
    module: ModulePath
    version: str = ""

    @property
    def escaped(self) -> EscapedPath:
        """The module path as on the wire and on disk."""
        return escape_path(self.module)

    @property
    def escaped_version(self) -> EscapedVersion:
        """The version as on the wire and on disk; only of kinds that have one."""
        return escape_version(self.version)

    @property
    def path(self) -> str:
        """The path below a GOPROXY base, without a leading slash and with ``!`` as it is."""
        match self.kind:
            case Kind.LIST:
                return f"{self.escaped}/@v/list"
            case Kind.LATEST:
                return f"{self.escaped}/@latest"
            case Kind.QUERY:
                return f"{self.escaped}/@v/{self.escaped_version}.info"
            case _:
                return f"{self.escaped}/@v/{self.escaped_version}.{self.kind}"


@dataclass(frozen=True, slots=True)
class SumdbTarget:
    """A resource of a checksum database. Lookups also say which module version they are about."""

    kind: SumdbKind
    database: str
    path: str
    """The path below the base of the database, escaped, without a leading slash."""
    module: ModulePath | None = None
    version: str = ""


Target: TypeAlias = ModuleTarget | SumdbTarget


def parse_target(raw_path: bytes, databases: Collection[str]) -> Target:
    """Read the percent-encoded path of a request, from its leading slash on and without a query.

    ``databases`` are the names of the checksum databases that are proxied; a name may hold slashes.

    Raises:
        InvalidTarget: it names nothing that could exist.
        NotExist: it names a checksum database that is not proxied here (protocol.md B.2 wants 404).
    """
    text = _decode(raw_path)
    if text.startswith("sumdb/"):
        return _parse_sumdb(text.removeprefix("sumdb/"), databases)
    # A module path cannot hold "@", so the first one ends it.
    escaped, found, rest = text.partition("/@")
    if not found:
        raise InvalidTarget("the path names no module file: it has no /@v/ or /@latest")
    return _parse_module(escaped, rest)


def split_cached_only(raw_path: bytes) -> tuple[bytes, bool]:
    """Take off the ``/cached-only`` prefix and say whether it was there (protocol.md A.16)."""
    if raw_path.startswith(_CACHED_ONLY):
        return raw_path[len(_CACHED_ONLY) - 1 :], True
    return raw_path, False


def parse_bool(value: str) -> bool:
    """Read the value of ``Disable-Module-Fetch``: true for Go's spellings of true, else false."""
    return value in {"1", "t", "T", "true", "TRUE", "True"}


def _decode(raw_path: bytes) -> str:
    if len(raw_path) > MAX_PATH_BYTES:
        raise InvalidTarget(f"the path is longer than {MAX_PATH_BYTES} bytes")
    if not raw_path.startswith(b"/"):
        raise InvalidTarget("the path does not begin with a slash")
    if _BAD_PERCENT.search(raw_path):
        raise InvalidTarget("the path holds a percent sign without two hexadecimal digits")
    # Once and only once: what still looks encoded afterwards was meant literally. "+" is a plus.
    decoded = unquote_to_bytes(raw_path[1:])
    try:
        return decoded.decode("utf-8")
    except UnicodeDecodeError:
        raise InvalidTarget("the path is not valid UTF-8") from None


def _parse_module(escaped: str, rest: str) -> ModuleTarget:
    module = unescape_path(_check_lengths(escaped))
    if rest == "latest":
        return ModuleTarget(Kind.LATEST, module)
    if rest == "v/list":
        return ModuleTarget(Kind.LIST, module)
    # Versions contain dots: the extension is what follows the last one.
    stem, _, extension = rest.removeprefix("v/").rpartition(".")
    if not rest.startswith("v/") or extension not in {"info", "mod", "zip"}:
        raise InvalidTarget(
            f'"@{rest}" is no file of a module: list, or a version with .info, .mod or .zip'
        )
    version = unescape_version(_check_lengths(stem))
    if extension == "info":
        return _parse_info(module, version)
    return ModuleTarget(Kind(extension), module, check_version(module, version))


def _parse_info(module: ModulePath, version: str) -> ModuleTarget:
    if version in _CLIENT_SIDE_QUERIES:
        # protocol.md A.9: the go command computes these itself, from list and @latest.
        raise InvalidTarget(f'"{version}" is resolved by the go command, not by a proxy')
    canonical = not version_problem(module, version)
    return ModuleTarget(Kind.INFO if canonical else Kind.QUERY, module, version)


def _parse_sumdb(text: str, databases: Collection[str]) -> SumdbTarget:
    # The longest name first: one name may be the beginning of another.
    known = [name for name in databases if text.startswith(name + "/")]
    if not known:
        raise NotExist("this checksum database is not proxied here")
    database = max(known, key=len)
    path = text[len(database) + 1 :]
    if path in {SumdbKind.SUPPORTED, SumdbKind.LATEST}:
        return SumdbTarget(SumdbKind(path), database, path)
    if path.startswith("tile/"):
        parse_tile_path(path)
        return SumdbTarget(SumdbKind.TILE, database, path)
    escaped, found, escaped_version = path.removeprefix("lookup/").partition("@")
    if not path.startswith("lookup/") or not found:
        raise InvalidTarget(f'"{path}" is no resource of a checksum database')
    module = unescape_path(_check_lengths(escaped))
    version = check_version(module, unescape_version(_check_lengths(escaped_version)))
    return SumdbTarget(SumdbKind.LOOKUP, database, path, module, version)


def _check_lengths(escaped: str) -> str:
    if any(len(element) > MAX_ELEMENT_BYTES for element in escaped.split("/")):
        raise InvalidTarget(f"a path element or version is longer than {MAX_ELEMENT_BYTES} bytes")
    return escaped
