"""The kernel's own shaper, where it has one: ``tc … netem`` on both ends of a veth pair (lab.md 3.2).

Many kernels are built without it; that is found out by asking for it in a namespace of our own, and said.
"""

from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING

from modmirror.lab.net.backend import Capabilities
from modmirror.lab.net.namespace import Namespace, NotPermitted
from modmirror.lab.net.regions import RegionBackend

if TYPE_CHECKING:
    from modmirror.lab.net.backend import LinkStats
    from modmirror.lab.net.profile import NetProfile

_LIMIT = 10.0
_BITS = 8
_MEGA = 1e6
_PACKET_BYTES = 1500
_LEAST_QUEUE = 1000
_DISTRIBUTIONS = {"normal": "normal", "pareto": "paretonormal"}


def netem_words(profile: NetProfile, rate: float) -> list[str]:
    """Return what follows ``netem`` for one direction: half of the round trip, ``rate`` in Mbit/s."""
    words = ["delay", f"{profile.rtt_ms / 2:g}ms"]
    if profile.jitter_ms:
        words.append(f"{profile.jitter_ms / 2:g}ms")
        if profile.dist in _DISTRIBUTIONS:
            words += ["distribution", _DISTRIBUTIONS[profile.dist]]
    if profile.loss >= 1:
        words += ["loss", "100%"]
    elif profile.loss:
        leave = 1 / profile.burst
        enter = min(1.0, profile.loss * leave / (1 - profile.loss))
        words += ["loss", "gemodel", _percent(enter), _percent(leave), "100%", "0%"]
    for name in ("corrupt", "duplicate", "reorder"):
        share = getattr(profile, name)
        if share and (name != "reorder" or profile.rtt_ms):
            words += [name, _percent(share)]
    if rate:
        words += ["rate", f"{rate:g}mbit"]
    # The default of 1,000 packets is a loss of its own on a long, fast line.
    waiting = int(1.5 * rate * _MEGA / _BITS * profile.base / _PACKET_BYTES)
    return [*words, "limit", str(max(_LEAST_QUEUE, waiting))]


class VethLine:
    """See `modmirror.lab.net.regions.Line`: a pair of devices, each shaped where it sends."""

    def __init__(self, hub: Namespace, region: Namespace, name: str, profile: NetProfile) -> None:
        self._hub = hub
        self._region = region
        self._name = name
        self.change(profile)

    def change(self, profile: NetProfile) -> None:
        """See `modmirror.lab.net.regions.Line.change`."""
        self._shape(netem_words(profile, profile.rate_up), netem_words(profile, profile.rate_down))

    def cut(self, profile: NetProfile, *, away: bool) -> None:
        """See `modmirror.lab.net.regions.Line.cut`."""
        if away:
            self._shape(["loss", "100%"], ["loss", "100%"])
        else:
            self.change(profile)

    def count(self, stats: LinkStats) -> None:
        """Leave packets uncounted: the kernel's counters are in ``tc -s qdisc``."""

    def close(self) -> None:
        """Do nothing: the pair goes with its namespaces."""

    def _shape(self, up: list[str], down: list[str]) -> None:
        _run(self._region, "tc", "qdisc", "replace", "dev", "line", "root", "netem", *up)
        _run(self._hub, "tc", "qdisc", "replace", "dev", self._name, "root", "netem", *down)


class NetemBackend(RegionBackend):
    """See `modmirror.lab.net.backend.Backend`."""

    @property
    def capabilities(self) -> Capabilities:
        """See `modmirror.lab.net.backend.Backend.capabilities`."""
        try:
            probe = Namespace()
            try:
                _run(probe, "tc", "qdisc", "add", "dev", "lo", "root", "netem", "delay", "1ms")
            finally:
                probe.close()
        except NotPermitted as error:
            text = error.reason
            if "unknown" in text:
                text = f"kernel has no sch_netem ({text})"
            return Capabilities("netem", available=False, reason=text)
        reason = "clients run in their region's namespace"
        return Capabilities("netem", available=True, reason=reason, handshake=True, packets=True)

    def make_line(self, hub: Namespace, region: Namespace, number: int, profile: NetProfile) -> VethLine:
        """See `modmirror.lab.net.regions.RegionBackend.make_line`."""
        name = f"region{number}"
        join_by_veth(hub, region, name, number)
        return VethLine(hub, region, name, profile)


def join_by_veth(hub: Namespace, region: Namespace, name: str, number: int) -> None:
    """Join two namespaces with 10.77.``number``.1 and .2. Raises NotPermitted."""
    pair = ("ip", "link", "add", name, "type", "veth", "peer", "name", "line", "netns", region.path)
    _run(hub, *pair)
    for namespace, device, last in ((hub, name, 1), (region, "line", 2)):
        _run(namespace, "ip", "addr", "add", f"10.77.{number}.{last}/24", "dev", device)
        _run(namespace, "ip", "link", "set", "dev", device, "up")


def _percent(share: float) -> str:
    return f"{share * 100:.6g}%"


def _run(namespace: Namespace, *words: str) -> None:
    def run() -> subprocess.CompletedProcess[str]:
        return subprocess.run(words, capture_output=True, text=True, timeout=_LIMIT, check=False)

    try:
        done = namespace.run(run)
    except (OSError, subprocess.TimeoutExpired) as error:
        raise NotPermitted(f"{words[0]} (of iproute2) cannot be run: {error}") from error
    if done.returncode:
        raise NotPermitted(f"{' '.join(words[:3])}: {' '.join(done.stderr.split())}")
