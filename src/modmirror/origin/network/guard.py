"""Decides which addresses a host may be reached at, and pins them.

A host is resolved here once; whoever connects uses the addresses that were judged, never the name again.
A name that answers differently the second time (DNS rebinding) so gains nothing (protocol.md D.8).
"""

from __future__ import annotations

import asyncio
import re
import socket
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from ipaddress import ip_address
from typing import TYPE_CHECKING, TypeAlias

from modmirror.errors import Denied, NotExist, UpstreamTimeout, UpstreamUnavailable
from modmirror.origin.network.networks import CONFIG_KEY, Network, refusal

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence

Endpoint: TypeAlias = tuple[str, int]
"""An IP address and a port."""

RESOLVE_TIMEOUT = 5.0
"""Seconds for the answer of the system's resolver."""
_THREADS = 8
_NO_SUCH_HOST = frozenset({socket.EAI_NONAME, socket.EAI_NODATA})
_HOST = re.compile(r"[a-z0-9_](?:[a-z0-9._-]*[a-z0-9_])?\.?", re.ASCII)
# 2130706433, 0177.0.0.1, 0x7f.1: names to us, addresses to most resolvers. Nobody needs them.
_ODD_ADDRESS = re.compile(r"(?:.*\.)?(?:[0-9]+|0x[0-9a-f]*)\.?", re.ASCII)


@dataclass(frozen=True, slots=True)
class Pinned:
    """A host and the addresses that may be used for it: at least one, in order of preference."""

    host: str
    port: int
    endpoints: tuple[Endpoint, ...]


class SystemResolver:
    """Asks the system, in threads of its own: a hanging name server holds up nothing but discovery."""

    def __init__(self) -> None:
        self._pool = ThreadPoolExecutor(_THREADS, "modmirror-resolve")

    async def __call__(self, host: str, port: int) -> Sequence[Endpoint]:
        """Return the addresses of a host. Raises OSError."""
        loop = asyncio.get_running_loop()
        found = await loop.run_in_executor(self._pool, _resolve, host, port)
        return list(dict.fromkeys(found))

    def close(self) -> None:
        """Give up what is waiting."""
        self._pool.shutdown(wait=False, cancel_futures=True)


class AddressGuard:
    """Admits addresses of the public Internet and of the networks that are ``allowed``."""

    def __init__(
        self,
        resolve: Callable[[str, int], Awaitable[Sequence[Endpoint]]],
        allowed: Sequence[Network] = (),
        *,
        timeout: float = RESOLVE_TIMEOUT,
    ) -> None:
        self._resolve = resolve
        self._allowed = tuple(allowed)
        self._timeout = timeout

    async def admit(self, host: str, port: int) -> Pinned:
        """Resolve a host, a name or an address (IPv6 in brackets or not), and judge what it is at.

        Addresses that may not be used are left out; when none remains, the host is refused.

        Raises:
            Denied: all its addresses are in networks that are not allowed.
            NotExist: there is no such host.
            UpstreamTimeout, UpstreamUnavailable: its name could not be resolved at this time.
        """
        endpoints = _literal(host, port) or await self._ask(host, port)
        verdicts = [(endpoint, refusal(endpoint[0], self._allowed)) for endpoint in endpoints]
        fit = tuple(endpoint for endpoint, problem in verdicts if not problem)
        if not fit:
            hint = f"the setting {CONFIG_KEY} of its route can allow networks, except those that are never"
            raise Denied(f"{host} is at {verdicts[0][1]}, where modules are not fetched from", hint=hint)
        return Pinned(host, port, fit)

    async def _ask(self, host: str, port: int) -> Sequence[Endpoint]:
        if not _HOST.fullmatch(host) or _ODD_ADDRESS.fullmatch(host):
            raise NotExist(f'"{host[:100]}" is not the name of a host')
        try:
            async with asyncio.timeout(self._timeout):
                endpoints = await self._resolve(host, port)
        except TimeoutError as error:
            raise UpstreamTimeout(host, f"no answer from DNS within {self._timeout:g} s") from error
        except socket.gaierror as error:
            if error.errno in _NO_SUCH_HOST:
                raise NotExist(
                    f"there is no host {host}", hint="is the module path spelt right?"
                ) from error
            raise UpstreamUnavailable(host, "its name could not be resolved") from error
        except (OSError, UnicodeError) as error:
            raise UpstreamUnavailable(host, "its name could not be resolved") from error
        if not endpoints:
            raise NotExist(f"the host {host} has no address")
        return endpoints


def _literal(host: str, port: int) -> Sequence[Endpoint]:
    """Return the endpoint of an address, or nothing for a name."""
    try:
        return [(str(ip_address(host.strip("[]"))), port)]
    except ValueError:
        return []


def _resolve(host: str, port: int) -> list[Endpoint]:
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_ADDRCONFIG)
    # The address of a link-local endpoint has a zone; such are refused in any case.
    return [(str(address[0]), int(address[1])) for *_, address in found]
