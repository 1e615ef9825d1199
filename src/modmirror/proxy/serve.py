"""The story of one request: may the caller have it, is it stored, else fetch it.

Reads like the protocol page. Everything it calls says in its own file how.
"""

from __future__ import annotations

import asyncio
import hashlib
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, assert_never

from modmirror.errors import Denied, Error, NotExist
from modmirror.mod.path import ModulePath
from modmirror.policy.decide import RuleSettings, Verdict, decide
from modmirror.protocol.info import parse_info
from modmirror.protocol.known_hosts import never_a_module
from modmirror.protocol.listing import format_list
from modmirror.protocol.target import Kind, ModuleTarget, SumdbTarget
from modmirror.proxy.served import CacheState, Request, Served
from modmirror.proxy.stored import not_stored
from modmirror.storage.port import BlobKey

if TYPE_CHECKING:
    from collections.abc import Mapping

    from modmirror.protocol.target import Target
    from modmirror.proxy.documents import Changing
    from modmirror.proxy.fill import FileFills, FillTools
    from modmirror.proxy.sumdb import SumdbProxy
    from modmirror.proxy.zipfill import ZipFills
    from modmirror.storage.port import Extension, OpenBlob

EXTENSIONS: Mapping[Kind, Extension] = {Kind.INFO: "info", Kind.MOD: "mod", Kind.ZIP: "zip"}
CONTENT_TYPES: Mapping[Extension, str] = {
    "info": "application/json",
    "mod": "text/plain; charset=utf-8",
    "zip": "application/zip",
}
UNPROVEN_MAX_AGE = 60.0
"""Seconds that others may keep a file whose proof is still outstanding, or could not be had (B.6)."""


@dataclass(frozen=True, slots=True)
class Mirror:
    """The engine behind the HTTP edge."""

    tools: FillTools
    files: FileFills
    zips: ZipFills
    changing: Changing
    sumdb: SumdbProxy
    rules: tuple[RuleSettings, ...]

    @property
    def rules_on_versions(self) -> bool:
        """Whether any rule speaks of versions, not only of modules."""
        return any(rule.versions for rule in self.rules)

    async def serve(self, request: Request) -> Served:
        """Answer one request, or raise a :class:`modmirror.errors.Error`."""
        target = request.target
        offline = self._is_offline(target)
        if isinstance(target, SumdbTarget):
            return await self.sumdb.serve(target, request, offline=offline)
        if offline:
            request = replace(request, cached_only=True)
        self._check_policy(target)
        match target.kind:
            case Kind.LIST | Kind.LATEST | Kind.QUERY:
                self._check_host(target)
                served = await self.changing.serve(target, request)
                return self._permitted(target, served)
            case Kind.INFO | Kind.MOD | Kind.ZIP:
                return await self._immutable(target, request)
            case _:
                assert_never(target.kind)

    def decide(self, module: str, version: str) -> Verdict:
        """Say whether policy lets this module version out. Cheap: also asked for answers from memory."""
        return decide(self.rules, ModulePath(module), version)

    async def problems(self) -> list[str]:
        """Say what keeps the mirror from being ready; empty when nothing does."""
        try:
            await self.tools.storage.check()
        except Error as error:
            return [error.reason]
        return []

    async def drain(self, seconds: float) -> int:
        """Let running fills finish for at most ``seconds``; return how many were cut off."""
        databases = self.sumdb.databases.values()
        cut_off = await asyncio.gather(
            self.zips.drain(seconds),
            self.files.drain(seconds),
            self.changing.drain(seconds),
            *(database.drain(seconds) for database in databases),
        )
        return sum(cut_off)

    # --- immutable files ---

    async def _immutable(self, target: ModuleTarget, request: Request) -> Served:
        key = BlobKey(target.escaped, target.escaped_version, EXTENSIONS[target.kind])
        blob = await self.tools.storage.open(key)
        if blob is not None:
            return self._stored(target, blob, CacheState.HIT)
        self._check_host(target)
        if request.cached_only:
            raise not_stored(target, offline=self._is_offline(target))
        self.tools.absences.check(target.path)
        request.before_fetch()
        if target.kind is Kind.ZIP:
            return await self._zip(target, key, whole=request.whole)
        filled, joined = await self.files.fill(target)
        return Served(
            filled.body,
            CONTENT_TYPES[key.extension],
            self._fetched(target, joined=joined),
            digest=filled.digest,
            upstream=filled.source,
            immutable=target.kind is Kind.INFO or self._is_final(target, verified=filled.verified),
            max_age=UNPROVEN_MAX_AGE,
            private=self.tools.routes.of(target.module).private,
            verified=filled.verified,
        )

    async def _zip(self, target: ModuleTarget, key: BlobKey, *, whole: bool) -> Served:
        flight, joined = await self.zips.flight(target)
        reader = flight.reader()
        try:
            await (flight.landed() if whole else flight.begun())
        except BaseException:
            reader.close()
            raise
        state = self._fetched(target, joined=joined)
        blob = await self.tools.storage.open(key) if flight.complete else None
        if blob is not None:
            reader.close()
            return self._stored(target, blob, state, upstream=flight.upstream)
        return Served(
            reader,
            CONTENT_TYPES["zip"],
            state,
            digest=flight.digest,
            upstream=flight.upstream,
            immutable=self._is_final(target, verified=flight.verified),
            max_age=UNPROVEN_MAX_AGE,
            private=self.tools.routes.of(target.module).private,
            verified=flight.verified,
        )

    def _stored(
        self, target: ModuleTarget, blob: OpenBlob, state: CacheState, upstream: str = ""
    ) -> Served:
        route = self.tools.routes.of(target.module)
        return Served(
            blob,
            CONTENT_TYPES[blob.blob.key.extension],
            state,
            digest=blob.blob.digest,
            upstream=upstream,
            immutable=True,
            private=route.private,
            verified=target.kind is not Kind.INFO and route.verifies(target.module),
        )

    def _is_final(self, target: ModuleTarget, *, verified: bool) -> bool:
        """Whether what is being sent can be kept for ever: proven, or never to be proven on its route."""
        return verified or not self.tools.routes.of(target.module).verifies(target.module)

    def _fetched(self, target: ModuleTarget, *, joined: bool) -> CacheState:
        if joined:
            self.tools.report.coalesced(target.kind)
            return CacheState.COALESCED
        return CacheState.MISS

    # --- checks that need no network ---

    def _is_offline(self, target: Target) -> bool:
        """Whether nobody may be asked for this, whoever wants it."""
        if self.tools.settings.offline or target.module is None:
            return self.tools.settings.offline
        return self.tools.routes.is_offline(target.module)

    def _permitted(self, target: ModuleTarget, served: Served) -> Served:
        """Hold what a changing answer names against policy too, where rules speak of versions."""
        if not self.rules_on_versions or not isinstance(served.content, bytes):
            return served
        if target.kind is Kind.LIST:
            named = served.content.decode().split()
            allowed = [version for version in named if self.decide(target.module, version).allowed]
            body = format_list(allowed)
            return replace(served, content=body, digest=hashlib.sha256(body).hexdigest())
        resolved = parse_info(served.content, module=target.module, requested=None)
        self._check_policy(replace(target, version=resolved.version))
        return served

    def _check_policy(self, target: ModuleTarget) -> None:
        verdict = self.decide(target.module, target.version)
        if not verdict.allowed:
            raise Denied(verdict.reason)

    def _check_host(self, target: ModuleTarget) -> None:
        reason = never_a_module(target.module)
        if reason:
            raise NotExist(reason)
