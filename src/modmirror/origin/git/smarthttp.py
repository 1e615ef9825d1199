"""Asks git servers over HTTP what their names point at, without starting git.

Names are asked for each minute, and mostly nothing has changed: one request over a kept connection costs a
fifth of starting ``git ls-remote``. Only a plain success counts here. Whatever else a server says, git asks
it again by itself, and its words decide: dumb servers, old protocols, redirects, missing keys.
"""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import TYPE_CHECKING

from cachetools import TTLCache
from pyreqwest.client import ClientBuilder
from pyreqwest.exceptions import PyreqwestError

from modmirror.errors import UpstreamTimeout
from modmirror.origin.git.lsrefs import HEADERS, as_ls_remote, ls_refs_request

if TYPE_CHECKING:
    from collections.abc import Callable

    from pyreqwest.client import Client
    from pyreqwest.response import Response

    from modmirror.origin.access.git import HttpAccess
    from modmirror.origin.git.refs import Format

MAX_ANSWER_BYTES = 64 << 20
"""All names that are taken, each as long as the longest usual ones. What is longer is left to git."""
_OK = 200
_PIECE = 256 << 10
_AT_ONCE = 0
_LONG = 64 << 10
"""Bytes beyond which an answer is read off the event loop."""
_CONNECT_TIMEOUT = timedelta(seconds=10)
_IDLE = timedelta(seconds=90)
"""Longer than the usual time between two questions. A server that closes earlier is connected to again."""
_CLIENTS = 64
_CLIENT_SECONDS = 3600.0
"""Certificates are read again after this."""


class SmartHttp:
    """Keeps connections to servers, one client for each judged address."""

    def __init__(
        self, *, timeout: float, ca_pem: bytes, user_agent: str, clock: Callable[[], float]
    ) -> None:
        self._timeout = timeout
        self._ca_pem = ca_pem
        self._user_agent = user_agent
        # A client that is dropped closes its connections when the last request over it has ended.
        self._clients: TTLCache[HttpAccess, Client] = TTLCache(_CLIENTS, _CLIENT_SECONDS, timer=clock)

    async def names(self, access: HttpAccess, format_: Format) -> bytes | None:
        """Return the lines of ``git ls-remote``, or None if the server did not simply give them.

        Raises:
            UpstreamTimeout: it took too long; git would fare no better.
        """
        try:
            async with asyncio.timeout(self._timeout):
                answer = await self._ask(access, ls_refs_request(format_))
        except TimeoutError as error:
            reason = f"no list of names within {self._timeout:g} s"
            raise UpstreamTimeout(access.name, reason) from error
        except PyreqwestError:
            return None  # git tries the other addresses, and says what is wrong
        if len(answer) > _LONG:
            return await asyncio.to_thread(as_ls_remote, answer)
        return as_ls_remote(answer)

    async def _ask(self, access: HttpAccess, body: bytes) -> bytes:
        client = await self._client(access)
        builder = client.post(f"{access.url}/git-upload-pack").headers(HEADERS).body_bytes(body)
        if access.authorization:
            builder = builder.header("Authorization", access.authorization, is_sensitive=True)
        async with builder.streamed_read_buffer_limit(_AT_ONCE).build_streamed() as response:
            return await _whole(response) if response.status == _OK else b""

    async def _client(self, access: HttpAccess) -> Client:
        key = access.server()
        client = self._clients.get(key)
        if client is None:
            # Reading the system's certificates takes some milliseconds.
            client = self._clients[key] = await asyncio.to_thread(self._build, key)
        return client

    def _build(self, access: HttpAccess) -> Client:
        builder = (
            ClientBuilder()
            # A proxy would resolve the name again, out of sight; a redirect would leave the judged address.
            .no_proxy()
            .follow_redirects(enable=False)
            .referer(enable=False)
            .connect_timeout(_CONNECT_TIMEOUT)
            # Ours comes first; a request that was given up before its status ends by this one.
            .read_timeout(timedelta(seconds=self._timeout + 1))
            .pool_idle_timeout(_IDLE)
            .user_agent(self._user_agent)
        )
        if access.pinned is not None:
            builder = builder.resolve(access.pinned.host, *access.pinned.endpoints[0])
        if self._ca_pem:
            builder = builder.add_root_certificate_pem(self._ca_pem)
        return builder.build()


async def _whole(response: Response) -> bytes:
    pieces, size = [], 0
    while piece := await response.body_reader.read(_PIECE):
        pieces.append(bytes(piece))
        size += len(piece)
        if size > MAX_ANSWER_BYTES:
            return b""
    return b"".join(pieces)
