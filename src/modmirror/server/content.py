"""From what the engine served to what the client gets: encodings, conditions, parts (protocol.md A.15)."""

from __future__ import annotations

import hashlib
from asyncio import get_running_loop
from dataclasses import replace
from typing import TYPE_CHECKING, TypeAlias, TypeGuard, cast

from modmirror.errors import StorageBroken
from modmirror.proxy.served import CacheState
from modmirror.server.conditional import (
    Span,
    Unsatisfiable,
    Validators,
    entity_tag,
    is_unchanged,
    wanted_span,
)
from modmirror.server.headers import (
    COMPRESSIBLE,
    GZIP_INLINE_BYTES,
    GZIP_MIN_BYTES,
    Headers,
    accepts_gzip,
    compress,
    content_headers,
    takes_ranges,
    validity_headers,
)
from modmirror.server.memory import prepare
from modmirror.server.openfiles import KeptFile

if TYPE_CHECKING:
    from collections.abc import Mapping

    from modmirror.proxy.served import Growing, Served
    from modmirror.server.exchange import Exchange
    from modmirror.server.memory import AnswerMemory, Prepared, Subject
    from modmirror.server.openfiles import OpenFiles
    from modmirror.storage.port import Blob, OpenBlob

Recalled: TypeAlias = "tuple[int, Headers, bytes, Prepared]"
"""Status, headers and body to send, and what they were taken from."""

FIRST_PIECE_BYTES = 65_536
_NOTHING_THERE = b"range not satisfiable: the file is shorter\n"
_NOTHING_HEADERS = (
    (b"content-type", b"text/plain; charset=utf-8"),
    (b"content-length", b"%d" % len(_NOTHING_THERE)),
)


class Contents:
    """Sends content of any shape, and remembers what is small and never changes."""

    def __init__(self, memory: AnswerMemory, files: OpenFiles) -> None:
        self._memory = memory
        self._files = files

    async def send(self, exchange: Exchange, subject: Subject, served: Served) -> None:
        """Send what the engine served, and close it unless it is kept."""
        content = served.content
        if isinstance(content, bytes):
            await self._send_small(exchange, subject, served, content)
        elif _is_stored(content):
            await self._send_stored(exchange, subject, served, content)
        else:
            await self._send_growing(exchange, served, cast("Growing", content))

    async def _send_small(
        self,
        exchange: Exchange,
        subject: Subject,
        served: Served,
        body: bytes,
        modified: int | None = None,
    ) -> None:
        if not served.digest:
            served = replace(served, digest=hashlib.sha256(body).hexdigest())
        gzipped = None
        if _pays_compressed(subject, body) and (served.immutable or _takes_gzip(exchange)):
            gzipped = await self._compressed(served.digest, body)
        prepared = prepare(subject, served, body, modified=modified, gzipped=gzipped)
        if served.immutable:
            # Whoever asks next gets it from memory, and the headers say so.
            hit = replace(served, cache=CacheState.HIT)
            self._memory.put(
                exchange.raw_path, prepare(subject, hit, body, modified=modified, gzipped=gzipped)
            )
        await exchange.send_whole(*select(prepared, exchange.headers)[:3])

    async def _compressed(self, digest: str, body: bytes) -> bytes:
        packed = self._memory.compressed(digest)
        if packed is None:
            if len(body) <= GZIP_INLINE_BYTES:
                packed = compress(body)
            else:
                packed = await get_running_loop().run_in_executor(None, compress, body)
            self._memory.put_compressed(digest, packed)
        return packed

    async def _send_stored(
        self, exchange: Exchange, subject: Subject, served: Served, content: OpenBlob
    ) -> None:
        # Put together as for a hit: that is what it is for everybody after this request.
        hit = replace(served, cache=CacheState.HIT)
        file = KeptFile(subject, served.upstream, content, _whole_headers(hit, content.blob))
        file.hold()
        try:
            if self._memory.is_small(content.blob.size) and b"range" not in exchange.headers:
                body = await _read_whole(content)
                await self._send_small(exchange, subject, served, body, int(content.blob.stored_at))
                return
            if served.immutable and content.descriptor is not None:
                self._files.put(exchange.raw_path, file)
            await _send_part(exchange, served, content)
        finally:
            file.let_go()

    async def _send_growing(self, exchange: Exchange, served: Served, content: Growing) -> None:
        try:
            # Whatever goes wrong before the first byte still gets an answer of its own.
            first = await content.read(0, FIRST_PIECE_BYTES)
            length = content.length
            validators = Validators(entity_tag(served.digest))
            validity = validity_headers(served, validators, varies=False)
            headers = Headers(*content_headers(served, length=length), *validity)
            if is_unchanged(exchange.headers, validators):
                await exchange.send_whole(304, Headers(*validity), b"")
            elif exchange.is_head:
                await exchange.send_whole(200, headers, b"")
            else:
                await exchange.send_growing(headers, content, first, length)
        finally:
            content.close()


def select(prepared: Prepared, headers: Mapping[bytes, bytes]) -> Recalled:
    """Choose the encoding, and between the answer and 304."""
    variant = prepared.plain
    if prepared.gzipped is not None and accepts_gzip(headers.get(b"accept-encoding", b"")):
        variant = prepared.gzipped
    if is_unchanged(headers, variant.validators):
        return 304, variant.not_modified, b"", prepared
    return 200, variant.headers, variant.body, prepared


async def _send_part(exchange: Exchange, served: Served, content: OpenBlob) -> None:
    """Send a stored file, or as much of it as the client wants."""
    blob = content.blob
    validators = _validators(blob)
    span: Span | Unsatisfiable | None = None
    if takes_ranges(served) and not exchange.is_head:  # RFC 9110, 14.2: ranges are for GET only
        span = wanted_span(exchange.headers, blob.size, validators)
    if is_unchanged(exchange.headers, validators):
        headers = Headers(*validity_headers(served, validators, varies=False))
        await exchange.send_whole(304, headers, b"")
    elif isinstance(span, Unsatisfiable):
        headers = Headers(*_NOTHING_HEADERS, (b"content-range", b"bytes */%d" % blob.size))
        await exchange.send_whole(416, headers, _NOTHING_THERE)
    elif span is not None:
        await exchange.send_stored(206, _part_headers(served, blob, span), content, span)
    elif exchange.is_head or not blob.size:
        await exchange.send_whole(200, _whole_headers(served, blob), b"")
    else:
        await exchange.send_stored(200, _whole_headers(served, blob), content, Span(0, blob.size))


def _validators(blob: Blob) -> Validators:
    return Validators(entity_tag(blob.digest), int(blob.stored_at))


def _whole_headers(served: Served, blob: Blob) -> Headers:
    validity = validity_headers(served, _validators(blob), varies=False)
    return Headers(*content_headers(served, length=blob.size), *validity)


def _part_headers(served: Served, blob: Blob, span: Span) -> Headers:
    where = (b"content-range", b"bytes %d-%d/%d" % (span.start, span.stop - 1, blob.size))
    content = content_headers(served, length=span.stop - span.start)
    return Headers(*content, where, *validity_headers(served, _validators(blob), varies=False))


async def _read_whole(content: OpenBlob) -> bytes:
    size = content.blob.size
    body = content.read_now(0, size)
    if body is not None and len(body) == size:
        return body
    body = b""
    while len(body) < size:
        piece = await content.read(len(body), size - len(body))
        if not piece:
            raise StorageBroken(f"{content.blob.key.path} ends at byte {len(body)}, not at {size}")
        body += piece
    return body


def _pays_compressed(subject: Subject, body: bytes) -> bool:
    return subject.kind in COMPRESSIBLE and len(body) >= GZIP_MIN_BYTES


def _takes_gzip(exchange: Exchange) -> bool:
    return accepts_gzip(exchange.headers.get(b"accept-encoding", b""))


def _is_stored(content: OpenBlob | Growing) -> TypeGuard[OpenBlob]:
    return hasattr(content, "blob")
