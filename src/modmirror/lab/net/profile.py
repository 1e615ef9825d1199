"""What a link between two places is like, and a topology of such links from one TOML file (lab.md 3.4).

Every preset is an assumption of this project, stated so that it can be disputed; measured values can be
written into a file instead.
"""

from __future__ import annotations

import math
import re
from typing import TYPE_CHECKING, Literal, TypeAlias

from msgspec import Struct
from msgspec.structs import replace

from modmirror.errors import ConfigError
from modmirror.lab.tables import read_tables

if TYPE_CHECKING:
    from pathlib import Path

Distribution: TypeAlias = Literal["uniform", "normal", "pareto"]

_REGION = re.compile(r"[a-z][a-z0-9-]{0,30}")
_MOST_PORT = 65_535


class NetProfile(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One link, both directions. Shares are from 0 to 1."""

    name: str = "custom"
    rtt_ms: float = 0.0
    """Round trip; half of it in each direction."""
    jitter_ms: float = 0.0
    """Of the round trip: standard deviation, or half width when the distribution is uniform."""
    dist: Distribution = "normal"
    loss: float = 0.0
    """Share of packets lost, in each direction."""
    burst: float = 1.0
    """Mean number of packets lost in a row (Gilbert-Elliott); 1 for independent losses."""
    rate_down: float = 0.0
    """Mbit/s from the server to the region; 0 for no limit."""
    rate_up: float = 0.0
    """Mbit/s from the region to the server; 0 for no limit."""
    corrupt: float = 0.0
    reorder: float = 0.0
    duplicate: float = 0.0

    @property
    def base(self) -> float:
        """Round trip in seconds."""
        return self.rtt_ms / 1000


def _preset(name: str, rtt: float, jitter: float, loss_percent: float, down: float) -> NetProfile:
    # Down is what the table of lab.md 3.4 has; up is assumed to be 40 % of it, as on access lines.
    burst = 3.0 if loss_percent >= 0.8 else 1.0  # noqa: PLR2004 - from there on the table says "burst"
    return NetProfile(
        name=name,
        rtt_ms=rtt,
        jitter_ms=jitter,
        loss=loss_percent / 100,
        burst=burst,
        rate_down=down,
        rate_up=down * 0.4,
    )


PRESETS = {
    preset.name: preset
    for preset in (
        _preset("same-city", 3, 0.5, 0, 1000),
        _preset("cn-east-north", 30, 3, 0.01, 300),
        _preset("cn-cross-isp", 55, 12, 0.3, 100),
        _preset("cn-mobile", 70, 25, 1, 30),
        _preset("cn-hongkong", 45, 6, 0.1, 100),
        _preset("cn-useast", 230, 25, 0.8, 20),
        _preset("eu-us", 90, 5, 0.01, 500),
        _preset("sa-us", 140, 12, 0.1, 100),
        _preset("sat", 600, 60, 0.5, 20),
    )
}
"""Assumptions, not measurements."""


class Link(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The way from a region to a server."""

    region: str
    host: str
    port: int
    profile: NetProfile


class Topology(Struct, frozen=True):
    """Regions and where they lead; a region has one profile, whatever it talks to."""

    links: tuple[Link, ...]

    @property
    def profiles(self) -> dict[str, NetProfile]:
        """The profile of each region."""
        return {link.region: link.profile for link in self.links}


class _RawLink(Struct, frozen=True, forbid_unknown_fields=True):
    region: str
    to: str
    """``HOST:PORT``."""
    profile: str | NetProfile


class _RawTopology(Struct, frozen=True, forbid_unknown_fields=True):
    link: list[_RawLink] = []
    profile: dict[str, NetProfile] = {}
    """Own profiles by name."""


def check_profile(profile: NetProfile, where: str) -> NetProfile:
    """Return the profile if it could be a link. Raises ConfigError."""
    for name in ("loss", "corrupt", "reorder", "duplicate"):
        if not 0 <= getattr(profile, name) <= 1:
            raise ConfigError(f"{where}.{name}", f"{getattr(profile, name)} is not a share from 0 to 1")
    for name in ("rtt_ms", "jitter_ms", "rate_down", "rate_up"):
        value = getattr(profile, name)
        if value < 0 or not math.isfinite(value):
            raise ConfigError(f"{where}.{name}", f"{value} is not a number from 0 up")
    if profile.burst < 1:
        raise ConfigError(f"{where}.burst", f"{profile.burst} is below 1 packet")
    return profile


def find_profile(name: str, own: dict[str, NetProfile] | None = None) -> NetProfile:
    """Return a profile of one's own or a preset. Raises ConfigError."""
    known = PRESETS | (own or {})
    if name not in known:
        raise ConfigError(
            "profile", f'there is no profile "{name}"', hint=f"known: {', '.join(sorted(known))}"
        )
    return known[name]


def parse_topology(text: str, source: str = "the topology") -> Topology:
    """Read ``[profile.NAME]`` and ``[[link]]`` tables of the file ``source``. Raises ConfigError."""
    hint = "modmirror lab net example prints one"
    raw = read_tables(text, _RawTopology, "topology", source, hint=hint)
    own = {
        name: check_profile(replace(profile, name=name), f"profile.{name}")
        for name, profile in raw.profile.items()
    }
    links = tuple(_link(each, own) for each in raw.link)
    if not links:
        raise ConfigError("link", "there is no link", hint="modmirror lab net example prints a topology")
    regions: dict[str, NetProfile] = {}
    for link in links:
        if regions.setdefault(link.region, link.profile) != link.profile:
            raise ConfigError("link.profile", f"region {link.region} has two profiles")
    return Topology(links)


def load_topology(path: Path) -> Topology:
    """Read a file. Raises ConfigError."""
    try:
        return parse_topology(path.read_text(encoding="utf-8"), str(path))
    except OSError as error:
        hint = "modmirror lab net example > net.toml writes one"
        raise ConfigError("topology", f"{path} cannot be read: {error.strerror}", hint=hint) from error
    except UnicodeDecodeError as error:
        raise ConfigError("topology", f"{path} cannot be read: it is not UTF-8 text") from error


def parse_address(text: str, key: str) -> tuple[str, int]:
    """Read ``HOST:PORT``. Raises ConfigError."""
    host, _, port = text.rpartition(":")
    if not host or not port.isdecimal() or not 0 < int(port) <= _MOST_PORT:
        raise ConfigError(key, f'"{text}" is not HOST:PORT', hint="as in 127.0.0.1:8080")
    return host.removeprefix("[").removesuffix("]"), int(port)


def _link(raw: _RawLink, own: dict[str, NetProfile]) -> Link:
    if not _REGION.fullmatch(raw.region):
        raise ConfigError(
            "link.region", f'"{raw.region}" is no name of a region', hint="small letters, digits, dashes"
        )
    host, port = parse_address(raw.to, "link.to")
    if isinstance(raw.profile, str):
        profile = find_profile(raw.profile, own)
    else:
        profile = check_profile(raw.profile, "link.profile")
    return Link(region=raw.region, host=host, port=port, profile=profile)


EXAMPLE = """\
# Two regions of one mirror. The numbers of presets are assumptions: measure your own.
[profile.office]
rtt_ms = 12
jitter_ms = 1
rate_down = 100
rate_up = 40

[[link]]
region = "berlin"
to = "127.0.0.1:8080"
profile = "office"

[[link]]
region = "us-east"
to = "127.0.0.1:8080"
profile = "eu-us"
"""
"""What ``modmirror lab net example`` prints."""
