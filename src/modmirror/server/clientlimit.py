"""How much one client may make the mirror fetch: a token bucket for each address.

Only misses take tokens. What is stored is cheap to serve, and served to everybody.
"""

from __future__ import annotations

import math
from ipaddress import IPv6Address, IPv6Network, ip_address
from typing import TYPE_CHECKING

from cachetools import LRUCache

from modmirror.errors import TooManyRequests

if TYPE_CHECKING:
    from collections.abc import Callable

MAX_CLIENTS = 10_000
"""Remembered at once. One that was forgotten has its whole burst again."""
_HOME_NETWORK = 64
"""Bits that tell one IPv6 subscriber from another: behind them everybody has addresses to spare."""


class ClientLimit:
    """The buckets. Each holds up to ``burst`` tokens, and ``rate`` come back a second."""

    def __init__(self, rate: float, burst: int, clock: Callable[[], float]) -> None:
        self._rate = rate
        self._burst = float(burst)
        self._clock = clock
        self._buckets: LRUCache[str, tuple[float, float]] = LRUCache(MAX_CLIENTS)

    def take(self, client: str) -> None:
        """Take a token for one fetch of ``client``, an address as in the access log.

        Raises:
            TooManyRequests: there is none left.
        """
        key, now = _subscriber(client), self._clock()
        tokens, since = self._buckets.get(key, (self._burst, now))
        tokens = min(self._burst, tokens + (now - since) * self._rate)
        if tokens < 1:
            self._buckets[key] = tokens, now
            raise TooManyRequests(
                f"this client caused more than {self._burst:g} fetches at once, or {self._rate:g} a second",
                retry_after=math.ceil((1 - tokens) / self._rate),
                hint="what is stored already is served as ever; slow down for the rest",
            )
        self._buckets[key] = tokens - 1, now


def _subscriber(client: str) -> str:
    try:
        address = ip_address(client)
    except ValueError:
        return client  # a Unix socket
    if isinstance(address, IPv6Address) and address.ipv4_mapped is not None:
        return str(address.ipv4_mapped)  # how a listener for both kinds writes it
    if isinstance(address, IPv6Address):
        return str(IPv6Network((address, _HOME_NETWORK), strict=False))
    return client
