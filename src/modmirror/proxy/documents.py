"""Serves what changes: version lists, ``@latest`` and version queries (design.md, "Freshness").

Fresh answers come from the store at once. A little old, they still do, while a new one is fetched behind
them. Older ones are served, marked stale, only when no upstream gives a new answer. What upstreams fail to
say can never become "not found".
"""

from __future__ import annotations

import asyncio
import hashlib
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from modmirror.errors import Error, FetchDisabled, NotExist, UpstreamBadAnswer, UpstreamTimeout
from modmirror.mod.escape import escape_path
from modmirror.mod.pseudo import is_pseudo_version
from modmirror.protocol.freshness import Freshness, FreshnessSettings, judge
from modmirror.protocol.info import parse_info
from modmirror.protocol.listing import format_list, looks_like_list, parse_list
from modmirror.protocol.target import Kind, ModuleTarget
from modmirror.proxy.fill import MAX_INFO_BYTES, FillTools, fetch_aged, reported
from modmirror.proxy.served import CacheState, Served
from modmirror.proxy.stored import not_stored, stored_latest
from modmirror.storage.port import Document, DocumentStorage

if TYPE_CHECKING:
    from collections.abc import Callable

    from modmirror.proxy.served import Request
    from modmirror.singleflight import SingleFlight
    from modmirror.upstream.port import Upstream

LONG_LIST_BYTES = 8_192
"""Lists beyond this are read off the event loop."""
MAX_LIST_BYTES = 33_554_432
"""Largest list taken. The longest known, of golang.org/toolchain, is a few megabytes."""

CONTENT_TYPES = {Kind.LIST: "text/plain; charset=utf-8"}
JSON = "application/json"


@dataclass(frozen=True, slots=True)
class Changing:
    """Answers to targets whose answer may change."""

    tools: FillTools
    documents: DocumentStorage
    freshness: FreshnessSettings
    now: Callable[[], float]
    """Seconds since the epoch."""
    running: SingleFlight[str, Document]

    async def serve(self, target: ModuleTarget, request: Request) -> Served:
        """Answer from the store while that is fresh enough, else from an upstream, else from the store."""
        stored = self.documents.get(target.path)
        state = self._judge(stored)
        if stored is not None and state is Freshness.FRESH:
            return self._served(target, stored, CacheState.HIT)
        if stored is not None and state is Freshness.REVALIDATE:
            if not request.cached_only:
                self._refresh(target)
            return self._served(target, stored, CacheState.REVALIDATING)
        if request.cached_only:
            return await self._from_store(
                target, stored, not_stored(target, offline=self.tools.routes.is_offline(target.module))
            )
        usable = stored if state is Freshness.STALE_IF_ERROR else None
        try:
            self.tools.absences.check(target.path)
            request.before_fetch()
            fetched, joined = await self._fetched_soon(target, usable)
        except Error as error:
            return await self._from_store(target, usable, error)
        if joined:
            self.tools.report.coalesced(target.kind)
        return self._served(target, fetched, CacheState.COALESCED if joined else CacheState.MISS)

    async def renew(self, target: ModuleTarget) -> Document:
        """Fetch a new answer whatever the age of the stored one. Raises what fetching raises."""
        document, _ = await self._fetched(target)
        return document

    async def drain(self, seconds: float) -> int:
        """Let running fetches finish for at most ``seconds``; return how many were cut off."""
        return await self.running.drain(seconds)

    def _judge(self, stored: Document | None) -> Freshness:
        if stored is None:
            return Freshness.EXPIRED
        return judge(self.freshness, age=self.now() - stored.fetched_at)

    def _served(self, target: ModuleTarget, document: Document, state: CacheState) -> Served:
        age = max(0.0, self.now() - document.fetched_at)
        return Served(
            document.body,
            CONTENT_TYPES.get(target.kind, JSON),
            state,
            digest=hashlib.sha256(document.body).hexdigest(),
            upstream=document.source,
            max_age=self.freshness.ttl if state is not CacheState.STALE else 0.0,
            age=age,
            private=self.tools.routes.of(target.module).private,
        )

    async def _from_store(self, target: ModuleTarget, stored: Document | None, error: Error) -> Served:
        """Serve what is known in spite of ``error``, or raise it."""
        gone = isinstance(error, NotExist) and not isinstance(error, FetchDisabled)
        if target.kind is Kind.LIST and (gone or stored is None):
            stored = await self._stored_versions(target)
        elif target.kind is Kind.LATEST and stored is None and not gone:
            stored = await self._stored_latest(target)
        elif gone:
            stored = None  # @latest and queries follow their upstream when it says that nothing is there
        if stored is None:
            raise error
        subject = f"{target.module}@{target.version or target.kind}"
        self.tools.report.stale_served(target.kind, subject, type(error).__name__)
        return self._served(target, stored, CacheState.STALE)

    async def _stored_versions(self, target: ModuleTarget) -> Document | None:
        """A list of what can be served without any upstream, as of now; None when that is nothing.

        Pseudo-versions never belong in a list, and a stored ``+incompatible`` version may be one that the
        full list would suppress (protocol.md A.7, A.10): both are left out.
        """
        versions = await self.tools.storage.versions(escape_path(target.module))
        listed = [v for v in versions if not is_pseudo_version(v) and not v.endswith("+incompatible")]
        if not listed:
            return None
        return Document(format_list(listed), self.now(), "store")

    async def _stored_latest(self, target: ModuleTarget) -> Document | None:
        info = await stored_latest(self.tools.storage, target.module)
        return None if info is None else Document(info, self.now(), "store")

    # --- fetching ---

    async def _fetched(self, target: ModuleTarget) -> tuple[Document, bool]:
        return await self.running.run(target.path, lambda: self._fetch(target))

    async def _fetched_soon(self, target: ModuleTarget, usable: Document | None) -> tuple[Document, bool]:
        """Wait for a new answer: as long as it takes, or for a while where an old one would do.

        The fetch goes on when nobody waits for it any more: the next client may find its answer.
        """
        if usable is None:
            return await self._fetched(target)
        patience = self.freshness.patience
        try:
            async with asyncio.timeout(patience):
                return await self._fetched(target)
        except TimeoutError:
            raise UpstreamTimeout("upstreams", f"no new answer within {patience:g} seconds") from None

    def _refresh(self, target: ModuleTarget) -> None:
        """Fetch a new answer behind the one being served. A failure leaves the old one, and is reported."""
        self.running.start(target.path, lambda: self._fetch(target))

    async def _fetch(self, target: ModuleTarget) -> Document:
        return await reported(self.tools, target, lambda: self._ask(target))

    async def _ask(self, target: ModuleTarget) -> Document:
        route = self.tools.routes.of(target.module)
        read = self._read_list if target.kind is Kind.LIST else self._read_info
        document = await route.first(target, self.tools.shunned, lambda upstream: read(target, upstream))
        await self.documents.put(target.path, document)
        return document

    async def _read_info(self, target: ModuleTarget, upstream: Upstream) -> Document:
        asked = self.now()
        body, age = await fetch_aged(upstream, target.path, MAX_INFO_BYTES)
        try:
            parse_info(body, module=target.module, requested=None)
        except ValueError as error:
            raise UpstreamBadAnswer(upstream.name, f"bad answer to a version query: {error}") from error
        return Document(body, asked - age, upstream.name)

    async def _read_list(self, target: ModuleTarget, upstream: Upstream) -> Document:
        asked = self.now()
        body, age = await fetch_aged(upstream, target.path, MAX_LIST_BYTES)
        before = self.documents.get(target.path)
        if before is not None and before.body == body:
            return Document(body, asked - age, upstream.name)  # as it was merged then
        if not looks_like_list(body):
            raise UpstreamBadAnswer(upstream.name, "sent something that is not a version list")
        # A list of thousands of versions takes tens of milliseconds to read: not on the event loop.
        merge = partial(self._merge, target, body, await self._kept(target))
        if len(body) > LONG_LIST_BYTES:
            merged = await asyncio.get_running_loop().run_in_executor(self.tools.pool, merge)
        else:
            merged = merge()
        return Document(merged, asked - age, upstream.name)

    @staticmethod
    def _merge(target: ModuleTarget, body: bytes, kept: set[str]) -> bytes:
        return format_list(kept.union(parse_list(body, target.module)))

    async def _kept(self, target: ModuleTarget) -> set[str]:
        """Versions listed before and stored: they stay listed when upstream drops them (T39)."""
        before = self.documents.get(target.path)
        if before is None:
            return set()
        stored = await self.tools.storage.versions(escape_path(target.module))
        listed = set(before.body.decode().split())
        return listed.intersection(stored)
