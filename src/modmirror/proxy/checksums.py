"""The shell around a checksum database: fetches, lets the pure part verify, keeps what was proven.

Nothing that has not been proven is kept or served: a lookup is verified whole before it leaves, a tile is
authenticated against the largest known tree. So even a go command with the flaws of CVE-2026-56864 and
CVE-2026-56865 gets no forgery from here (protocol.md B.2, B.4, B.6).
"""

from __future__ import annotations

import asyncio
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING

from modmirror.errors import (
    ChecksumDatabaseDown,
    Error,
    NotExist,
    UpstreamBadAnswer,
    UpstreamError,
    VerificationError,
)
from modmirror.mod.escape import escape_path, escape_version
from modmirror.protocol.chain import Link
from modmirror.proxy.fill import fetch_small
from modmirror.proxy.journey import Chain, Journey
from modmirror.singleflight import SingleFlight
from modmirror.storage.port import Document, DocumentStorage
from modmirror.sumdb.head import TreeHead, open_tree_head
from modmirror.sumdb.lookup import begin_lookup, parse_lookup
from modmirror.sumdb.plan import plan_consistency, plan_tile
from modmirror.sumdb.record import parse_sums, pick_sum
from modmirror.sumdb.tile import Tile, cut
from modmirror.sumdb.tree import size_needed

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping, Sequence

    from modmirror.mod.path import ModulePath
    from modmirror.proxy.report import Report
    from modmirror.sumdb.note import VerifierKey
    from modmirror.upstream.guide import Guide
    from modmirror.upstream.port import Upstream

MAX_ANSWER_BYTES = 1_048_576
"""Largest lookup or tree head taken; real ones are about a kilobyte, tiles 8 KiB."""
HEAD = "head"
"""What the newest tree head is kept as."""
TILE_HEIGHT = 8
"""The only height that databases serve and the go command asks for."""


class ChecksumDatabase:
    """One checksum database, read through one or more URLs, with its timeline."""

    def __init__(
        self,
        name: str,
        key: VerifierKey,
        upstreams: Sequence[Upstream],
        documents: DocumentStorage,
        report: Report,
        now: Callable[[], float],
    ) -> None:
        self.name = name
        self._keys = (key,)
        # Another key is another log, even under the same name: nothing of the one may pass for the other.
        self._prefix = f"sumdb/{name}+{key.key_hash.hex()}/"
        links = tuple(Link(str(number), "any") for number, _ in enumerate(upstreams))
        by_link = {link.upstream: upstream for link, upstream in zip(links, upstreams, strict=True)}
        self.chain = Chain(links, by_link)
        self._documents = documents
        self._report = report
        self._now = now
        self._looking: SingleFlight[str, bytes] = SingleFlight()
        self._head = self._kept_head()

    def follow(self, guide: Guide) -> None:
        """Ask the URLs in the order of their scores from now on: what they say is proven anyway."""
        self.chain = replace(self.chain, guide=guide, measured=True)

    # --- what the verifier asks ---

    async def sum_of(self, module: ModulePath, version: str, *, go_mod: bool) -> str:
        """See :class:`modmirror.proxy.verify.Sums`."""
        body = await self.lookup(module, version)
        return pick_sum(parse_sums(parse_lookup(body).record), module, version, go_mod=go_mod)

    # --- what clients ask ---

    def stored(self, path: str) -> bytes | None:
        """Return a proven answer that is kept, or None."""
        document = self._documents.get(self._key(path))
        return document.body if document else None

    def stored_tile(self, tile: Tile) -> bytes | None:
        """Return a proven tile of hashes that is kept, cut from the full one if need be, or None.

        Raises BadTile for one that was damaged since.
        """
        body = self.stored(tile.path) or self.stored(tile.full.path)
        return cut(tile, body) if body else None

    async def lookup(self, module: ModulePath, version: str) -> bytes:
        """Return the proven answer to a lookup, byte for byte as the database gave it.

        Raises NotExist, ChecksumDatabaseDown, VerificationError.
        """
        path = f"lookup/{escape_path(module)}@{escape_version(version)}"
        body = self.stored(path)
        if body is None:
            body, _ = await self._looking.run(path, lambda: self._first(self._prove(path, module, version)))
        return body

    async def latest(self) -> bytes:
        """Fetch the newest signed tree head and check that it continues the known one.

        While nobody can be asked, the newest known is repeated: it is as true as it was.
        """
        try:
            body, _ = await self._looking.run("latest", lambda: self._first(self._newest))
        except ChecksumDatabaseDown:
            known = self.stored(HEAD)
            if known is None:
                raise
            return known
        return body

    async def tile(self, tile: Tile) -> bytes:
        """Return the authenticated bytes of a tile of hashes. Raises NotExist beyond the end."""
        if tile.height != TILE_HEIGHT:
            raise NotExist(f"{self.name} has tiles of height {TILE_HEIGHT} only")
        body = self.stored_tile(tile)
        if body is None:
            body, _ = await self._looking.run(
                tile.path, lambda: self._first(lambda upstream: self._authentic(upstream, tile))
            )
        return body

    async def records(self, path: str) -> bytes:
        """Pass on a tile of records. The go command asks for none; they are neither kept nor proven."""
        return await self._first(lambda upstream: fetch_small(upstream, path, MAX_ANSWER_BYTES * 16))

    async def drain(self, seconds: float) -> int:
        """Let running questions finish for at most ``seconds``; return how many were cut off."""
        return await self._looking.drain(seconds)

    # --- proving ---

    def _prove(self, path: str, module: ModulePath, version: str) -> Callable[[Upstream], Awaitable[bytes]]:
        async def prove(upstream: Upstream) -> bytes:
            body = await fetch_small(upstream, path, MAX_ANSWER_BYTES)
            while True:
                known = self._head
                check = begin_lookup(body, self._keys, known)
                proven = check.admit(await self._tiles(upstream, check.tiles))
                # A true record of something else proves nothing about this version (CVE-2026-42501).
                proven.find_sum(module, version, go_mod=False)
                if proven.advanced and self._head is not known:
                    continue  # another lookup moved the timeline on while tiles were fetched
                if proven.advanced:
                    await self._advance(proven.head, proven.note)
                await self._keep_tiles(proven.tiles)
                await self._keep(path, body, upstream.name)
                return body

        return prove

    async def _newest(self, upstream: Upstream) -> bytes:
        note = await fetch_small(upstream, "latest", MAX_ANSWER_BYTES)
        while True:
            known = self._head
            head = open_tree_head(note, self._keys)
            if known is None:
                await self._advance(head, note)
                return note
            older, newer = (known, head) if known.size <= head.size else (head, known)
            plan = plan_consistency(older, newer)
            plan.admit(await self._tiles(upstream, plan.tiles))
            if self._head is known:
                if newer is not known:
                    await self._advance(head, note)
                return note

    async def _authentic(self, upstream: Upstream, tile: Tile) -> bytes:
        needed = size_needed(tile)
        if self._head is None or self._head.size < needed:
            with _owed(upstream):
                await self._newest(upstream)
        head = self._head
        if head is None or head.size < needed:
            raise NotExist(f"{tile.path} lies beyond the end of {self.name}")
        plan = plan_tile(head, tile)
        body = plan.admit(await self._tiles(upstream, plan.tiles))
        await self._keep(tile.path, body, upstream.name)
        return body

    async def _tiles(self, upstream: Upstream, tiles: Iterable[Tile]) -> Mapping[Tile, bytes]:
        """Bring tiles of a tree that is signed: they exist, whatever an upstream says."""
        wanted = tuple(tiles)
        with _owed(upstream):
            bodies = await asyncio.gather(*(self._tile(upstream, tile) for tile in wanted))
        return dict(zip(wanted, bodies, strict=True))

    async def _tile(self, upstream: Upstream, tile: Tile) -> bytes:
        body = self.stored_tile(tile)
        if body is not None:
            return body
        try:
            return await fetch_small(upstream, tile.path, MAX_ANSWER_BYTES)
        except NotExist:
            if tile == tile.full:
                raise
            return await fetch_small(upstream, tile.full.path, MAX_ANSWER_BYTES)

    # --- asking one URL after another ---

    async def _first(self, attempt: Callable[[Upstream], Awaitable[bytes]]) -> bytes:
        """Return the first answer that holds.

        A URL that fails, lies or has nothing is passed over. All that is left then: somebody lied:
        VerificationError. Everybody said that there is nothing: NotExist. Else ChecksumDatabaseDown, for
        those who failed may have what the others lack.
        """
        absent: NotExist | None = None
        lie: VerificationError | None = None
        # Without doubts: a mirror that lies about one record is asked about the next.
        journey = Journey(self.chain, "meta", f"sumdb/{self.name}")
        while (upstream := journey.next()) is not None:
            failure: Error
            try:
                body = await attempt(upstream)
            except NotExist as error:
                failure, absent = error, absent or error
            except VerificationError as error:
                self._report.alarm("checksum-database", f"{self.name} through {upstream.name}", error)
                failure, lie = error, lie or error
            except UpstreamError as error:
                failure = error
            else:
                journey.came(upstream)
                return body
            journey.failed(upstream, failure)
        if lie is not None:
            raise lie
        if absent is not None and isinstance(journey.error, NotExist):
            raise absent
        raise ChecksumDatabaseDown(
            f"checksum database {self.name} cannot be asked: "
            + "; ".join(journey.heard or ["it has no URL"]),
            hint='try again later, or set sumdb_down = "open" on the route to serve unverified meanwhile',
        )

    # --- keeping ---

    def _key(self, path: str) -> str:
        return self._prefix + path

    def _kept_head(self) -> TreeHead | None:
        document = self._documents.get(self._key(HEAD))
        if document is None:
            return None
        try:
            return open_tree_head(document.body, self._keys)
        except VerificationError as error:  # damaged on disk: begin anew, and let somebody look
            self._report.alarm("checksum-database", f"{self.name}: stored tree head", error)
            return None

    async def _advance(self, head: TreeHead, note: bytes) -> None:
        # No await between the caller's look at the old head and this line: nobody can come between.
        self._head = head
        await self._keep(HEAD, note, "")

    async def _keep_tiles(self, tiles: Mapping[Tile, bytes]) -> None:
        for tile, body in tiles.items():
            if self.stored(tile.path) is None:
                await self._keep(tile.path, body, "")

    async def _keep(self, path: str, body: bytes, source: str) -> None:
        await self._documents.put(self._key(path), Document(body, self._now(), source))


@contextmanager
def _owed(upstream: Upstream) -> Iterator[None]:
    """Take "not found" for the failure it is where the thing must be there for its answers to be true."""
    try:
        yield
    except NotExist as error:
        raise UpstreamBadAnswer(upstream.name, f"lacks what proves its answers: {error.reason}") from error
