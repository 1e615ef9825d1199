"""The conformance matrix: one row a feature. A new one is one small function and one row here."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TypeAlias

from modmirror.lab.protocol import database, documents, transport
from modmirror.lab.protocol.asking import Asking
from modmirror.lab.results.protocol import Cell, Feature

Examine: TypeAlias = Callable[[Asking], Awaitable[Cell]]


@dataclass(frozen=True, slots=True)
class Check:
    """One feature, and the function that finds out."""

    key: str
    title: str
    clause: str
    examine: Examine
    needed: bool = False

    @property
    def feature(self) -> Feature:
        """The row of the matrix."""
        return Feature(self.key, self.title, self.needed, self.clause)


CHECKS = (
    # The first two also tell whether anybody is there.
    Check("info", ".info", "A.8", documents.info, needed=True),
    Check("list", "version list", "A.7", documents.version_list, needed=True),
    Check("auth", "no authentication", "A.15", documents.no_authentication, needed=True),
    Check("mod", ".mod", "A.12", documents.go_mod, needed=True),
    Check("zip", ".zip", "A.13", documents.module_zip, needed=True),
    Check("latest", "@latest", "A.11", documents.latest),
    Check("branch", "branch in .info", "A.9", documents.branch),
    Check("escapes", "upper-case paths", "A.2", documents.escapes, needed=True),
    Check("capitals", "unescaped capitals refused", "A.2", documents.capitals),
    Check("gone", "404 or 410 for an absent module", "A.14", documents.absent_module, needed=True),
    Check(
        "gone-version", "404 or 410 for an absent version", "A.14", documents.absent_version, needed=True
    ),
    Check("error-text", "errors can be read", "A.14", documents.error_text),
    Check("bad-path", "bad paths refused", "A.1", documents.bad_path),
    Check("query", "query string passed over", "A.1", documents.query_string),
    Check("toolchain", "toolchain modules", "E", documents.toolchain),
    Check("sumdb", "checksum database", "B.2", database.supported),
    Check("sumdb-status", "a clear word on the database", "B.2", database.clear_word, needed=True),
    Check("sumdb-lookup", "signed records", "B.4", database.lookup, needed=True),
    Check("sumdb-tiles", "tiles that prove them", "B.4", database.tiles, needed=True),
    Check("head", "HEAD", "A.1", transport.head),
    Check("range", "Range", "A.15", transport.part),
    Check("conditional", "If-None-Match", "A.15", transport.conditional),
    Check("length", "Content-Length", "A.15", transport.length),
    Check("gzip", "gzip", "A.15", transport.compressed),
    Check("no-redirect", "zips without redirect", "A.15", transport.no_redirect),
    Check("cache-control", "Cache-Control", "A.15", transport.cache_control),
    Check("cached-only", "/cached-only", "A.16", transport.cached_only),
    Check("fetch-disabled", "Disable-Module-Fetch", "A.16", transport.fetch_disabled),
    Check("keep-alive", "connections kept", "A.15", transport.keep_alive),
    Check("http1", "HTTP/1.1", "A.15", transport.http1),
    Check("h2", "HTTP/2", "A.15", transport.http2),
    Check("tls12", "TLS 1.2", "A.15", transport.tls12),
    Check("tls13", "TLS 1.3", "A.15", transport.tls13),
    Check("ipv6", "IPv6", "A.15", transport.ipv6),
)
