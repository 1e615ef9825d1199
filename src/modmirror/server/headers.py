"""The headers of a success, and which encoding of it a client gets (protocol.md A.15)."""

from __future__ import annotations

import gzip
from functools import lru_cache
from typing import TYPE_CHECKING, Final, TypeAlias

from modmirror.protocol.answer import cache_control
from modmirror.protocol.target import Kind
from modmirror.proxy.served import CacheState
from modmirror.server.conditional import Validators, http_date

if TYPE_CHECKING:
    from modmirror.proxy.served import Served

GZIP_MIN_BYTES = 1024
"""Below this the saving is less than a packet."""
GZIP_INLINE_BYTES = 65_536
"""Above this compressing takes a millisecond or more: not on the event loop."""


class Headers:
    """Headers of an answer, made once in the two forms in which wires take them."""

    __slots__ = ("block", "pairs")

    def __init__(self, *pairs: tuple[bytes, bytes]) -> None:
        """Names are in lower case. What every answer carries is added."""
        self.pairs: tuple[tuple[bytes, bytes], ...] = pairs + _COMMON
        self.block = b"".join([b"%b: %b\r\n" % pair for pair in self.pairs])
        """As they stand in an HTTP/1.1 answer, without the empty line after the last one."""


Pairs: TypeAlias = list[tuple[bytes, bytes]]
_COMMON: Final = ((b"x-content-type-options", b"nosniff"), (b"server", b"modmirror"))

COMPRESSIBLE: frozenset[str] = frozenset({Kind.LIST, Kind.MOD})
"""Kinds worth compressing. Zips are compressed already; the rest is small, or signed text and hashes."""


def content_headers(served: Served, *, length: int | None, gzipped: bool = False) -> Pairs:
    """Return the headers that say what the body is; without ``length`` it goes out in chunks."""
    headers: Pairs = [(b"content-type", served.content_type.encode())]
    if length is not None:
        headers.append((b"content-length", b"%d" % length))
    if gzipped:
        headers.append((b"content-encoding", b"gzip"))
    elif takes_ranges(served):
        headers.append((b"accept-ranges", b"bytes"))
    return headers


def validity_headers(served: Served, validators: Validators, *, varies: bool) -> Pairs:
    """Return the headers that a 304 carries as well as a 200 (RFC 9110, 15.4.5), and our own.

    ``varies`` when the answer may come compressed or not.
    """
    fresh = cache_control(
        immutable=served.immutable,
        max_age=served.max_age,
        verified=served.verified,
        private=served.private,
    )
    headers: Pairs = [(b"cache-control", fresh.encode())]
    if validators.etag:
        headers.append((b"etag", validators.etag))
    if validators.modified is not None:
        headers.append((b"last-modified", http_date(validators.modified)))
    if not served.immutable:
        headers.append((b"age", b"%d" % max(0, int(served.age))))
    if served.cache is CacheState.STALE:
        headers.append((b"warning", b'110 - "Response is Stale"'))
    if varies:
        headers.append((b"vary", b"accept-encoding"))
    headers.append((b"x-modmirror-cache", served.cache.encode()))
    if served.upstream:
        # A name from the configuration; what is not ASCII must not break the answer.
        headers.append((b"x-modmirror-upstream", served.upstream.encode("ascii", "backslashreplace")))
    return headers


def takes_ranges(served: Served) -> bool:
    """Tell whether parts of it may be asked for: only of what never changes."""
    return served.immutable


@lru_cache(256)
def accepts_gzip(accept_encoding: bytes) -> bool:
    """Read Accept-Encoding (RFC 9110, 12.5.3): gzip, or ``*``, with a weight above zero."""
    weights = dict(_weighted(item) for item in accept_encoding.lower().split(b","))
    return weights.get(b"gzip", weights.get(b"x-gzip", weights.get(b"*", False)))


def compress(body: bytes) -> bytes:
    """Return the gzip form. Always the same for the same body, as its strong entity tag promises."""
    return gzip.compress(body, compresslevel=6, mtime=0)


def _weighted(item: bytes) -> tuple[bytes, bool]:
    coding, _, parameter = item.partition(b";")
    weight = parameter.strip().removeprefix(b"q=")
    return coding.strip(), not weight or weight.strip(b"0.") != b""
