"""Scenarios as TOML files: those that come with the lab, and one's own."""

from __future__ import annotations

import msgspec
from msgspec.structs import asdict

from modmirror.errors import ConfigError
from modmirror.lab.scenarios import find_in, shipped_texts
from modmirror.lab.simulate.scenario import Fault, Scenario, Site
from modmirror.lab.tables import read_tables

_MOST_REQUESTS = 5_000_000
_MOST_FAULTS = 10_000


class _Trouble(Fault, frozen=True, forbid_unknown_fields=True):
    """As people write it: perhaps again and again."""

    every: float = 0.0
    """Seconds from one beginning to the next; 0: once, from ``start`` to ``end``."""
    lasts: float = 0.0
    """Seconds of each, with ``every``."""

    def expanded(self) -> tuple[Fault, ...]:
        """Return it once for each time that it happens."""
        if not self.every:
            return (Fault(self.trouble, self.start, self.end, self.factor),)
        times = min(_MOST_FAULTS, int((self.end - self.start) / self.every + 1e-9))
        begins = [self.start + number * self.every for number in range(times)]
        return tuple(Fault(self.trouble, begin, begin + self.lasts, self.factor) for begin in begins)


class _WrittenSite(Site, frozen=True, forbid_unknown_fields=True):
    faults: tuple[_Trouble, ...] = msgspec.field(default=(), name="fault")


class _Written(Scenario, frozen=True, forbid_unknown_fields=True):
    sites: tuple[_WrittenSite, ...] = msgspec.field(default=(), name="site")


def shipped() -> dict[str, Scenario]:
    """Return the scenarios that come with the lab, by name."""
    return {name: parse_scenario(text, name) for name, text in _texts().items()}


def text_of(name: str) -> str:
    """Return the file of a shipped scenario. Raises ConfigError."""
    find_scenario(name)
    return _texts()[name]


def find_scenario(name: str) -> Scenario:
    """Return a shipped scenario by name, or the one in a ``.toml`` file. Raises ConfigError."""
    return find_in(name, shipped(), parse_scenario, others="a .toml file, or an access log")


def parse_scenario(text: str, name: str) -> Scenario:
    """Read a scenario. Raises ConfigError."""
    hint = "modmirror lab simulate --show main prints a scenario that is right"
    written = read_tables(text, _Written, name, name, hint=hint)
    _check(written, name)
    sites = tuple(
        Site(**asdict(each) | {"faults": tuple(fault for its in each.faults for fault in its.expanded())})
        for each in written.sites
    )
    return Scenario(**asdict(written) | {"name": name, "sites": sites})


def _texts() -> dict[str, str]:
    return shipped_texts("modmirror.lab.simulate")


def _check(scenario: _Written, name: str) -> None:
    """Raise ConfigError for what cannot be simulated."""
    sites = scenario.sites
    wrong = {
        "site": not sites or len({each.name for each in sites}) < len(sites),
        "site.median": any(each.median <= 0 for each in sites),
        "site.workers": any(each.workers < 0 for each in sites),
        "site.fault": any(_is_odd(fault) for each in sites for fault in each.faults),
        "seconds": not 0 < scenario.seconds * scenario.rate <= _MOST_REQUESTS or scenario.seconds <= 0,
        "modules": scenario.modules < 1,
        "patience": scenario.patience <= 0,
    }
    for key, is_wrong in wrong.items():
        if is_wrong:
            raise ConfigError(f"{name}.{key}", _WANTED[key])


_WANTED = {
    "site": "there must be one at least, each with a name of its own",
    "site.median": "must be above 0 seconds",
    "site.workers": "must be 0 (any number) or more",
    "site.fault": "must end after its start; with every, lasts must be above 0 and at most every",
    "seconds": f"seconds and rate must be above 0, and at most {_MOST_REQUESTS} requests together",
    "modules": "must be 1 or more",
    "patience": "must be above 0 seconds",
}


def _is_odd(fault: _Trouble) -> bool:
    again = fault.every < 0 or (fault.every > 0 and not 0 < fault.lasts <= fault.every)
    return fault.end <= fault.start or again
