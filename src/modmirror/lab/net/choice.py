"""The table of backends, and the choice of the most faithful one that works here (lab.md 3.4)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from modmirror.errors import ConfigError, Error
from modmirror.lab.net.netem import NetemBackend
from modmirror.lab.net.selftest import check_links
from modmirror.lab.net.shaper import TcpBackend
from modmirror.lab.net.tun import TunBackend

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from modmirror.lab.net.backend import Backend, Endpoint
    from modmirror.lab.net.profile import Topology
    from modmirror.lab.results.links import LinkCheck

BACKENDS: Mapping[str, Callable[[int], Backend]] = {
    "netem": NetemBackend,
    "tun": TunBackend,
    "tcp": TcpBackend,
}
"""Most faithful first; each is made with a seed. The last works everywhere."""


class LinksOff(Error):
    """A link is not what was asked for, so nothing may be measured over it."""

    def __init__(self, checks: tuple[LinkCheck, ...]) -> None:
        bad = [check for check in checks if not check.good]
        what = "; ".join(f"{check.region} ({check.backend}): {check.note}" for check in bad)
        super().__init__(f"links are not as asked for: {what}", hint="is this machine too busy?")
        self.checks = checks


@dataclass(frozen=True, slots=True)
class Network:
    """A network that is up and has been measured. ``backend.close()`` takes it away."""

    backend: Backend
    endpoints: tuple[Endpoint, ...]
    checks: tuple[LinkCheck, ...]


async def set_up(
    name: str,
    topology: Topology,
    *,
    seed: int = 0,
    backends: Mapping[str, Callable[[int], Backend]] = BACKENDS,
) -> Network:
    """Set up a network and measure each of its regions. ``auto`` takes the first backend that passes.

    Raises:
        ConfigError: no such backend, or it is not available here.
        LinksOff: a link failed its self-test.
    """
    if name != "auto" and name not in backends:
        raise ConfigError("--backend", f'there is no "{name}"', hint=f"known: auto, {', '.join(backends)}")
    candidates = [backends[name](seed)] if name != "auto" else [make(seed) for make in backends.values()]
    available = [each for each in candidates if each.capabilities.available]
    if not available:
        facts = candidates[0].capabilities
        raise ConfigError("--backend", f"{facts.name} is not available here: {facts.reason}")
    for backend in available[:-1]:
        try:
            return await _measured(backend, topology)
        except LinksOff:
            # The next one is less faithful, but may be exact here.
            continue
    return await _measured(available[-1], topology)


async def _measured(backend: Backend, topology: Topology) -> Network:
    try:
        endpoints = await backend.apply(topology)
        checks = await check_links(backend, topology)
    except BaseException:
        await backend.close()
        raise
    if all(check.good for check in checks):
        return Network(backend, endpoints, checks)
    await backend.close()
    raise LinksOff(checks)
