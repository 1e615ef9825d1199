"""The one HTTP client that all upstreams share: its connections, its trust, its limits."""

from __future__ import annotations

import asyncio
import time
from datetime import timedelta
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

from pyreqwest.client import ClientBuilder
from pyreqwest.exceptions import PyreqwestError

from modmirror.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Callable

    from pyreqwest.client import Client

    from modmirror.upstream.settings import HttpSettings

_CA_KEY = "http.ca_file"
Pin: TypeAlias = tuple[str, str, int]
"""A host, and the address and port that are used for it."""

_IDLE = timedelta(seconds=30)
"""An idle connection is dropped after this: before common servers drop theirs (60 s and more), so that
a request is rarely sent into a connection that is just being closed."""
_PING = timedelta(seconds=20)
_SLACK = 1.0
"""Seconds that the client's own limit comes after ours."""


class HttpClients:
    """Made once, shared by every `HttpUpstream`, closed last.

    Proxies (``HTTP_PROXY``, ``HTTPS_PROXY``, ``NO_PROXY``, either case) and ``SSL_CERT_FILE`` are read
    from the environment when this is made.

    Raises:
        ConfigError: with key ``http.ca_file``, for a file that is unreadable or holds no certificates.
    """

    def __init__(
        self, settings: HttpSettings, *, clock: Callable[[], float] = time.time, pin: Pin | None = None
    ) -> None:
        """With a ``pin``, its host is at that address whatever DNS or a proxy would say."""
        self.settings = settings
        self.clock = clock
        self.slots = asyncio.Semaphore(settings.max_connections)
        """One for each request in flight. Waiting for one is not the upstream's time."""
        self.pinned = pin is not None
        self._client: Client | None = _build(settings, pin)

    @property
    def client(self) -> Client:
        """The client. Not to be used after `close`."""
        if self._client is None:
            raise RuntimeError("the HTTP client is closed")
        return self._client

    async def close(self) -> None:
        """Close idle connections and break running requests. Safe to call twice."""
        client, self._client = self._client, None
        if client is not None:
            await client.close()


def _build(settings: HttpSettings, pin: Pin | None) -> Client:
    # pyreqwest drops a connection when the reading of a body is given up, but a request given up before
    # its status line goes on until this limit. It also applies to reads, where ours is shorter.
    silence = max(settings.first_byte_timeout, settings.stall_timeout) + _SLACK
    builder = (
        ClientBuilder()
        .follow_redirects(enable=False)
        .referer(enable=False)
        .gzip(enable=False)
        .brotli(enable=False)
        .zstd(enable=False)
        .deflate(enable=False)
        .http2(enable=True)
        .http2_keep_alive_interval(_PING)
        .http2_keep_alive_timeout(_PING)
        .connect_timeout(timedelta(seconds=settings.connect_timeout))
        .read_timeout(timedelta(seconds=silence))
        .pool_idle_timeout(_IDLE)
        .user_agent(settings.user_agent or f"modmirror/{version('modmirror')}")
    )
    if pin is not None:
        builder = builder.no_proxy().resolve(*pin)
    if not settings.ca_file:
        return builder.build()
    try:
        # Bytes that hold no certificate at all would be taken without a word.
        pem = Path(settings.ca_file).read_bytes()
        if b"-----BEGIN CERTIFICATE-----" not in pem:
            raise ConfigError(_CA_KEY, f"{settings.ca_file} holds no PEM certificate")
        return builder.add_root_certificate_pem(pem).build()
    except (OSError, PyreqwestError) as error:
        raise ConfigError(_CA_KEY, f"{settings.ca_file} cannot be used: {_why(error)}") from error


def _why(error: OSError | PyreqwestError) -> str:
    return error.strerror or "unreadable" if isinstance(error, OSError) else "a certificate in it is broken"
