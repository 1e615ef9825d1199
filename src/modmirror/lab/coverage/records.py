"""Records of a checksum database, proven before they are believed (protocol.md B.4).

Whoever passes a database on may be asked: the key decides, not the source.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from modmirror.errors import ConfigError, Error, VerificationError
from modmirror.lab.engine.port import Limit, Request
from modmirror.lab.target import Target, parse_target
from modmirror.mod.escape import escape_path, escape_version
from modmirror.mod.path import check_path
from modmirror.sumdb.lookup import begin_lookup
from modmirror.sumdb.note import VerifierKey

if TYPE_CHECKING:
    from collections.abc import Sequence

    from modmirror.lab.bench.cases import BenchModule
    from modmirror.lab.engine.port import Engine
    from modmirror.sumdb.head import TreeHead
    from modmirror.sumdb.lookup import Proven
    from modmirror.sumdb.tile import Tile

PUBLIC = "sum.golang.org"
PUBLIC_KEY = "sum.golang.org+033de0ae+Ac4zctda0e5eza+HJyk9SxEdh+s3Ux18htTTAD8OuAn8"
"""The key that is built into the go command (protocol.md B.3)."""
_ALIASES = {PUBLIC: ("https://sum.golang.google.cn",)}
_LIMIT = Limit(seconds=15.0, size=1 << 20)
_OFF = "off"


class NotProven(Error):
    """A database does not answer, has no such record, or says what its key does not confirm."""


@dataclass(frozen=True, slots=True)
class Database:
    """A checksum database as GOSUMDB names it."""

    key: VerifierKey
    urls: tuple[str, ...] = ()
    """Where it may be asked directly, in order."""

    @property
    def name(self) -> str:
        """Name, as in go.sum errors and in paths."""
        return self.key.name

    def sources(self, mirrors: Sequence[Target]) -> tuple[Source, ...]:
        """Return who may be asked: the database itself, then mirrors that may pass it on."""
        direct = (Source(parse_target(url, key="--sumdb"), "") for url in self.urls)
        return (*direct, *(passed_on(mirror, self) for mirror in mirrors))


@dataclass(frozen=True, slots=True)
class Source:
    """Someone who answers for a database."""

    target: Target
    prefix: str
    """Before ``lookup/`` and ``tile/``, below the target's base."""


def passed_on(mirror: Target, database: Database) -> Source:
    """Return the database as a mirror passes it on (protocol.md B.2)."""
    return Source(mirror, f"sumdb/{database.name}/")


def parse_database(text: str) -> Database | None:
    """Read what GOSUMDB may hold: ``NAME+HASH+KEY [URL]``, ``sum.golang.org`` or ``off`` (None).

    Raises:
        ConfigError: with key ``--sumdb``.
    """
    words = text.split()
    if words == [_OFF]:
        return None
    if not 1 <= len(words) <= 2:  # noqa: PLR2004 - a key and maybe a URL
        raise ConfigError("--sumdb", f'"{text}" is no database', hint="NAME+HASH+KEY [URL], or off")
    try:
        key = VerifierKey.parse(PUBLIC_KEY if words[0] == PUBLIC else words[0])
    except ConfigError as error:
        raise ConfigError("--sumdb", f'"{words[0]}": {error.reason}', hint=error.hint) from error
    urls = (words[1],) if words[1:] else (f"https://{key.name}", *_ALIASES.get(key.name, ()))
    for url in urls:
        parse_target(url, key="--sumdb")
    return Database(key, urls)


class Records:
    """Looks records up at one source, and remembers the tree that was proven."""

    def __init__(self, engine: Engine, source: Source, key: VerifierKey) -> None:
        self.source = source
        self._engine = engine
        self._key = key
        self._known: TreeHead | None = None
        self._tiles: dict[Tile, bytes] = {}

    async def prove(self, module: BenchModule) -> Proven:
        """Return the proven record of a module version.

        Raises:
            NotProven: there is none, or it cannot be believed.
        """
        path = check_path(module.path)
        body = await self._fetch(f"lookup/{escape_path(path)}@{escape_version(module.version)}")
        try:
            check = begin_lookup(body, (self._key,), self._known)
            blobs = {tile: await self._tile(tile) for tile in check.tiles}
            proven = check.admit(blobs)
        except VerificationError as error:
            raise NotProven(f"{self.source.target.name}: {error.reason}") from error
        self._known = proven.head
        self._tiles.update(proven.tiles)
        return proven

    async def _tile(self, tile: Tile) -> bytes:
        if tile in self._tiles:
            return self._tiles[tile]
        try:
            return await self._fetch(tile.path)
        except NotProven:
            # protocol.md B.2: a partial tile may have been replaced by the full one.
            if tile == tile.full:
                raise
            return await self._fetch(tile.full.path)

    async def _fetch(self, path: str) -> bytes:
        request = Request(
            self.source.target, self.source.prefix + path, connection="warm", keep="bytes", limit=_LIMIT
        )
        fetched = await self._engine.fetch(request)
        if not fetched.ok:
            raise NotProven(f"{self.source.target.name}: {path}: {fetched.reason}")
        return fetched.body
