"""A plain HTTP client that tells a whole answer from one that broke off."""

from __future__ import annotations

import http.client
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

TIME_LIMIT = 60.0
"""Seconds without a byte after which a test fails instead of hanging."""


@dataclass(frozen=True, slots=True)
class Got:
    """What arrived of one answer."""

    status: int = 0
    """0 when not even a header came."""
    headers: Mapping[str, str] | None = None
    body: bytes = b""
    whole: bool = False
    """The body ended where its own framing says that it ends."""


def fetch(url: str, path: str, **headers: str) -> Got:
    """Ask once, on a connection of its own. A connection that breaks is an answer too."""
    where = urlsplit(url)
    assert where.hostname
    connection = http.client.HTTPConnection(where.hostname, where.port, timeout=TIME_LIMIT)
    try:
        connection.request("GET", f"{where.path}/{path}", headers=headers)
        return _read(connection.getresponse())
    except (ConnectionError, http.client.HTTPException):
        return Got()
    finally:
        connection.close()


def fetch_all(url: str, paths: Iterable[str]) -> dict[str, Got]:
    """Ask for several files at once."""
    wanted = list(paths)
    with ThreadPoolExecutor(len(wanted)) as pool:
        return dict(zip(wanted, pool.map(lambda path: fetch(url, path), wanted), strict=True))


def _read(answer: http.client.HTTPResponse) -> Got:
    body = bytearray()
    try:
        while piece := answer.read1(65_536):
            body += piece
        # With a declared length the end of the connection raises nothing: see whether something is missing.
        whole = not answer.length
    except (ConnectionError, http.client.IncompleteRead):
        whole = False
    return Got(answer.status, dict(answer.headers), bytes(body), whole)
