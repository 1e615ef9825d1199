"""TLS handshakes with one version or one choice of protocols: what a server can, not what it prefers."""

from __future__ import annotations

import asyncio
import ssl
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Sequence

    from modmirror.lab.target import Target

_PATIENCE = 15.0
"""Seconds for connecting and shaking hands."""


class Shake(Protocol):
    """Shakes hands once, and hangs up."""

    async def __call__(
        self, target: Target, alpn: Sequence[str], version: ssl.TLSVersion | None = None
    ) -> tuple[str, str]:
        """Return the TLS version and the protocol that were agreed on.

        Raises:
            OSError: no agreement, or no connection (TimeoutError and ssl.SSLError among them).
        """
        ...


async def shake_hands(
    target: Target, alpn: Sequence[str], version: ssl.TLSVersion | None = None
) -> tuple[str, str]:
    """Shake hands over a new connection; ``version`` is the only one offered."""
    context = ssl.create_default_context()
    if target.ca_file:
        context.load_verify_locations(Path(target.ca_file))
    context.set_alpn_protocols(list(alpn))
    if version is not None:
        context.minimum_version = context.maximum_version = version
    async with asyncio.timeout(_PATIENCE):
        address = target.via or (target.host, target.port)
        _, writer = await asyncio.open_connection(*address, ssl=context, server_hostname=target.host)
    shaken: ssl.SSLObject = writer.get_extra_info("ssl_object")
    agreed = shaken.version() or "", shaken.selected_alpn_protocol() or ""
    writer.close()
    # How the server says goodbye does not matter any more.
    with suppress(OSError, TimeoutError):
        async with asyncio.timeout(1.0):
            await writer.wait_closed()
    return agreed
