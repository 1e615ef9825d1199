"""Who asks, when proxies stand between: headers that anybody can write, believed only from listed peers."""

from __future__ import annotations

from functools import lru_cache
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from typing import TYPE_CHECKING, NamedTuple

from modmirror.errors import ConfigError
from modmirror.telemetry.request_id import is_acceptable

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

UNIX_CLIENT = "unix"
"""What the access log calls a client on a Unix socket that no proxy has named."""


class Caller(NamedTuple):
    """Who asked, as far as it can be believed."""

    client: str
    """Address of the client: the peer, or the one that trusted proxies vouch for."""
    request_id: str
    scheme: str
    """``http`` or ``https``, as the client saw it."""


class Callers:
    """Reads the caller off a request."""

    def __init__(self, trusted: Sequence[str], new_id: Callable[[], str]) -> None:
        """Believe peers in the ``trusted`` addresses and networks.

        Raises:
            ConfigError: one of them is neither an address nor a network.
        """
        try:
            self._networks = [ip_network(each, strict=False) for each in trusted]
        except ValueError as error:
            raise ConfigError(
                "server.trusted_proxies", str(error), hint="for example 10.0.0.0/8"
            ) from error
        self.trusting = bool(self._networks)
        """Whether anybody is believed; if not, the peer is the client."""
        self._new_id = new_id
        # Few addresses ask again and again; parsing one costs more than a hit.
        self._trusts = lru_cache(4096)(self._in_networks)

    def caller(self, peer: str, scheme: str, headers: Mapping[bytes, bytes]) -> Caller:
        """Return who asked. ``peer`` is the address at the other end, empty on a Unix socket."""
        if not self.trusting or not self._trusts(peer):
            return Caller(peer or UNIX_CLIENT, self._new_id(), scheme)
        return self._vouched(headers, peer, scheme)

    def _vouched(self, headers: Mapping[bytes, bytes], address: str, scheme: str) -> Caller:
        hops = headers.get(b"x-forwarded-for", b"").decode("latin-1").split(",")
        vouched = headers.get(b"x-forwarded-proto", b"")
        if vouched in (b"http", b"https"):
            scheme = vouched.decode()
        request_id = headers.get(b"x-request-id", b"").decode("latin-1")
        if not is_acceptable(request_id):
            request_id = self._new_id()
        return Caller(self._client(hops, address) or UNIX_CLIENT, request_id, scheme)

    def _client(self, hops: Sequence[str], address: str) -> str:
        """Walk back from the peer as long as each hop is one of ours: the first stranger is the client."""
        for hop in reversed(hops):
            named = _address(hop)
            if named is None:
                break  # whoever wrote this cannot be believed about what stands before it either
            address = str(named)
            if not self._trusts(address):
                break
        return address

    def _in_networks(self, address: str) -> bool:
        # The peer on a Unix socket has no address. The socket's permissions let it in, and listing
        # proxies says that there are some.
        if not address:
            return True
        named = _address(address)
        return named is not None and any(named in network for network in self._networks)


def _address(text: str) -> IPv4Address | IPv6Address | None:
    """Read an address as proxies write it: with or without a port, IPv6 with or without brackets."""
    text = text.strip().strip('"')
    if text.startswith("["):
        text = text[1:].partition("]")[0]
    elif text.count(":") == 1:
        text = text.partition(":")[0]
    try:
        address = ip_address(text)
    except ValueError:
        return None
    if isinstance(address, IPv6Address) and address.ipv4_mapped is not None:
        return address.ipv4_mapped
    return address
