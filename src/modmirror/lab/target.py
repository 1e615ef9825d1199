"""A mirror under measurement: where it is, what is known of it and whether one may load it."""

from __future__ import annotations

import ipaddress
import re
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Literal, TypeAlias
from urllib.parse import quote, urlsplit

from msgspec import Struct

from modmirror.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Mapping

Family: TypeAlias = Literal["", "ipv4", "ipv6"]

_PLAIN = re.compile(r"https?://[^\s\\]+", re.IGNORECASE)
_UNSENDABLE = re.compile(r"[\x00-\x20\x7f\\]")
_RAW = "/$&+=:@~!,;*'()%?"
_PORTS = {"http": 80, "https": 443}


@dataclass(frozen=True, slots=True)
class Target:
    """One mirror. Two addresses of one mirror (IPv4 and IPv6) are two targets."""

    name: str
    """What reports call it; unique within a run."""
    scheme: str
    host: str
    """Without brackets, in lower case."""
    port: int
    path: str = ""
    """Of the base, without a final slash."""
    owned: bool = False
    """The user says that the host is theirs: caps of politeness do not apply."""
    region: str = ""
    operator: str = ""
    facts: tuple[str, ...] = ()
    """What is publicly known of it, to be probed and never assumed."""
    issuer: str = ""
    """Part of the issuer's name that its certificate should have, where that is known."""
    family: Family = ""
    ca_file: str = ""
    """Authorities to trust beside the system's; for emulated and private mirrors."""
    connect_delay: float = 0.0
    """Seconds before the SYN: a TCP shaper cannot delay the handshake itself (lab.md 3.1)."""
    via: tuple[str, int] | None = None
    """Where to connect instead: the near end of an emulated link. The name that is asked for stays."""
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    """Sent with each request; may be secrets, so they are never stored or shown."""

    @property
    def url(self) -> str:
        """Base URL, without a final slash."""
        return f"{self.scheme}://{self.authority}{self.path}"

    @property
    def authority(self) -> str:
        """Host and, where it is not the scheme's own, port: the value of a Host header."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == _PORTS[self.scheme] else f"{host}:{self.port}"

    @property
    def loopback(self) -> bool:
        """Whether the address says that it is this machine. What a name resolves to does not count."""
        if self.host == "localhost":
            return True
        try:
            return ipaddress.ip_address(self.host).is_loopback
        except ValueError:
            return False

    @property
    def free(self) -> bool:
        """Whether it may be loaded without caps."""
        return self.owned or self.loopback

    def request_path(self, path: str) -> str:
        """Return what follows the method in a request for an escaped path below the base."""
        return quote(f"{self.path}/{path}", safe=_RAW)

    def entry(self) -> TargetEntry:
        """Return what a manifest keeps of it."""
        return TargetEntry(
            name=self.name,
            url=self.url,
            owned=self.owned,
            region=self.region,
            operator=self.operator,
            facts=self.facts,
            emulated_connect=self.connect_delay,
        )


class TargetEntry(Struct, frozen=True):
    """What is stored of a target: no headers, no secrets."""

    name: str
    url: str
    owned: bool = False
    region: str = ""
    operator: str = ""
    facts: tuple[str, ...] = ()
    emulated_connect: float = 0.0
    """Seconds of the connect phase that the lab itself added."""


def parse_target(url: str, *, name: str = "", key: str = "URL") -> Target:
    """Read the base URL of a mirror.

    Raises:
        ConfigError: with ``key``; its text repeats no credentials.
    """
    shown = re.sub(r"//[^/]*@", "//", url).partition("?")[0]
    hint = "write it like https://proxy.example/path"
    if not _PLAIN.fullmatch(url):
        raise ConfigError(key, f'"{shown}" names no host to ask over http or https', hint=hint)
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port
    except ValueError as error:
        raise ConfigError(key, f'"{shown}" is not a URL', hint=hint) from error
    if not host or parts.query or parts.fragment:
        raise ConfigError(key, f'"{shown}" has no host, or more than a path behind it', hint=hint)
    if parts.username is not None:
        hint = "put them into a variable, and name that in a targets file as authorization_env"
        raise ConfigError(key, f'"{shown}" holds credentials', hint=hint)
    scheme = parts.scheme.lower()
    path = re.sub("/{2,}", "/", parts.path).rstrip("/")
    # Port 0 is no port to ask; urlsplit lets it through.
    number = _PORTS[scheme] if port is None else port
    if not number or _UNSENDABLE.search(host):
        raise ConfigError(key, f'"{shown}" names no host to ask over http or https', hint=hint)
    target = Target(name=name, scheme=scheme, host=host, port=number, path=path)
    return target if name else named(target, f"{target.authority}{target.path}")


def named(target: Target, name: str) -> Target:
    """Return the target under another name."""
    return replace(target, name=name)
