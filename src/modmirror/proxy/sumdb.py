"""Answers the ``/sumdb/`` paths for every configured checksum database (protocol.md B.2)."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, assert_never

from modmirror.errors import Denied, NotExist
from modmirror.protocol.target import SumdbKind, SumdbTarget
from modmirror.proxy.checksums import HEAD
from modmirror.proxy.routes import TOOLCHAIN
from modmirror.proxy.served import CacheState, Served
from modmirror.proxy.stored import not_stored
from modmirror.sumdb.tile import DATA_LEVEL, parse_tile_path

if TYPE_CHECKING:
    from collections.abc import Mapping

    from modmirror.proxy.checksums import ChecksumDatabase
    from modmirror.proxy.memory import Absences
    from modmirror.proxy.routes import Routes
    from modmirror.proxy.served import Request

DAY = 86_400.0
TEXT = "text/plain; charset=utf-8"
BINARY = "application/octet-stream"
SHORT = 60.0
"""Seconds that others may keep a tree head, which grows old, or record tiles, which are not proven here."""


@dataclass(frozen=True, slots=True)
class SumdbProxy:
    """The checksum databases as clients see them."""

    databases: Mapping[str, ChecksumDatabase]
    routes: Routes
    absences: Absences

    async def serve(self, target: SumdbTarget, request: Request, *, offline: bool = False) -> Served:
        """Answer one ``/sumdb/`` request with proven content. ``offline``: nobody is asked for this one.

        Raises NotExist for a database that is not proxied (the go command then goes on), Denied for a
        private module, and what :class:`ChecksumDatabase` raises.
        """
        database = self.databases.get(target.database)
        if database is None:
            raise NotExist(f"checksum database {target.database} is not proxied here")
        if target.kind is SumdbKind.LOOKUP:
            self._check_public(target)
        if target.kind is SumdbKind.SUPPORTED:
            return Served(b"", TEXT, CacheState.NONE, max_age=DAY)
        may_fetch = not (offline or request.cached_only)
        stored = self._stored(database, target, may_fetch=may_fetch)
        if stored is not None:
            return self._served(target, stored, CacheState.HIT)
        if not may_fetch:
            raise not_stored(target, offline=offline)
        body = await self._fetch(database, target, request)
        return self._served(target, body, CacheState.MISS)

    def _stored(self, database: ChecksumDatabase, target: SumdbTarget, *, may_fetch: bool) -> bytes | None:
        """Return what is kept and will do. A tree head does only where no newer one can be had."""
        if target.kind is SumdbKind.LATEST:
            return None if may_fetch else database.stored(HEAD)
        if target.kind is SumdbKind.TILE and (tile := parse_tile_path(target.path)).level != DATA_LEVEL:
            return database.stored_tile(tile)
        return database.stored(target.path)

    def _check_public(self, target: SumdbTarget) -> None:
        if target.module in (None, TOOLCHAIN):
            return  # toolchains are looked up whatever a route says (B.1)
        if self.routes.of(target.module).sumdb == "off":
            raise Denied(
                f"{target.module} is private here: it is never named to a checksum database",
                hint=f"set GONOSUMDB={target.module} (or GOPRIVATE) on the client",
            )

    async def _fetch(self, database: ChecksumDatabase, target: SumdbTarget, request: Request) -> bytes:
        key = f"sumdb/{target.database}/{target.path}"
        self.absences.check(key)
        request.before_fetch()
        try:
            return await self._ask(database, target)
        except NotExist as error:
            self.absences.remember(key, error)
            raise

    async def _ask(self, database: ChecksumDatabase, target: SumdbTarget) -> bytes:
        match target.kind:
            case SumdbKind.LATEST:
                return await database.latest()
            case SumdbKind.LOOKUP:
                assert target.module is not None  # noqa: S101  # parse_target sets it for every lookup
                return await database.lookup(target.module, target.version)
            case SumdbKind.TILE:
                tile = parse_tile_path(target.path)
                if tile.level == DATA_LEVEL:
                    return await database.records(target.path)
                return await database.tile(tile)
            case SumdbKind.SUPPORTED:
                return b""
            case _:
                assert_never(target.kind)

    def _served(self, target: SumdbTarget, body: bytes, state: CacheState) -> Served:
        tile = target.kind is SumdbKind.TILE
        proven = "/data/" not in target.path
        return Served(
            body,
            BINARY if tile else TEXT,
            state,
            digest=hashlib.sha256(body).hexdigest(),
            immutable=tile and proven,
            max_age=DAY if target.kind is SumdbKind.LOOKUP else SHORT,
            verified=proven,
        )
