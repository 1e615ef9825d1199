"""Which addresses may be connected to on behalf of a module path that anyone can choose. Pure.

Only addresses of the public Internet, and those that an operator lists. Addresses that stand for others
(IPv4 in IPv6, NAT64, 6to4) are judged by what they stand for (protocol.md D.8).
"""

from __future__ import annotations

from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from typing import TYPE_CHECKING, TypeAlias

from modmirror.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Sequence

Address: TypeAlias = IPv4Address | IPv6Address
Network: TypeAlias = IPv4Network | IPv6Network

CONFIG_KEY = "private_networks"


def _networks(*texts: str) -> tuple[Network, ...]:
    return tuple(ip_network(text) for text in texts)


_WORDS = {
    "private": _networks("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "fc00::/7"),
    "loopback": _networks("127.0.0.0/8", "::1/128"),
}
_METADATA = _networks(
    "169.254.169.254/32",  # most clouds
    "169.254.170.2/32",  # credentials of containers
    "169.254.170.23/32",
    "100.100.100.200/32",
    "168.63.129.16/32",  # a public address that only answers inside
    "192.0.0.192/32",
    "fd00:ec2::254/128",
    "fd00:ec2::23/128",
    "fd20:ce::254/128",
)
"""Where a cloud hands out its machines' credentials. No setting opens these."""
_NOBODY = _networks("0.0.0.0/8", "224.0.0.0/4", "255.255.255.255/32", "::/128", "ff00::/8")
"""Unspecified, multicast and broadcast: no repository can be there."""
_NAMED = (
    ("the loopback network", _WORDS["loopback"]),
    ("a private network", (*_WORDS["private"], *_networks("100.64.0.0/10"))),
    ("a link-local network", _networks("169.254.0.0/16", "fe80::/10")),
)
_RESERVED = _networks(
    "192.0.0.0/24",
    "192.0.2.0/24",
    "192.88.99.0/24",
    "198.18.0.0/15",
    "198.51.100.0/24",
    "203.0.113.0/24",
    "240.0.0.0/4",
    "2001::/23",
    "2001:db8::/32",
    "3fff::/20",
)
_GLOBAL_V6 = IPv6Network("2000::/3")
_NAT64 = IPv6Network("64:ff9b::/96")


def parse_networks(texts: Sequence[str]) -> tuple[Network, ...]:
    """Read networks such as ``10.1.0.0/16``; ``private`` and ``loopback`` stand for the usual ones.

    Raises:
        ConfigError: with key ``private_networks``.
    """
    found: list[Network] = []
    for text in texts:
        try:
            found += _WORDS.get(text) or _networks(text)
        except ValueError as error:
            hint = 'write a network like "10.1.0.0/16", or "private", or "loopback"'
            raise ConfigError(CONFIG_KEY, f'"{text}" is not a network', hint=hint) from error
    return tuple(found)


def refusal(text: str, allowed: Sequence[Network] = ()) -> str:
    """Say what kind of address ``text`` is that nobody may connect to; empty when one may.

    The answer never repeats the address: it is shown to whoever named the host.
    """
    address = _meant(ip_address(text.partition("%")[0]))
    if _within(address, _METADATA):
        return "a metadata service"
    if _within(address, _NOBODY):
        return "no single machine"
    if _within(address, allowed):
        return ""
    for name, networks in _NAMED:
        if _within(address, networks):
            return name
    if _within(address, _RESERVED) or (isinstance(address, IPv6Address) and address not in _GLOBAL_V6):
        return "a reserved network"
    return ""


def _meant(address: Address) -> Address:
    """Return the IPv4 address that an IPv6 address stands for, or the address itself."""
    if isinstance(address, IPv6Address):
        if address in _NAT64:
            return IPv4Address(int(address) & 0xFFFFFFFF)
        return address.ipv4_mapped or address.sixtofour or address
    return address


def _within(address: Address, networks: Sequence[Network]) -> bool:
    # An address is never in a network of the other version.
    return any(address in network for network in networks)
