"""Scenarios as TOML files: those that come with the lab, and one's own."""

from __future__ import annotations

import tomllib
from importlib.resources import files
from pathlib import Path

import msgspec
from msgspec.structs import asdict

from modmirror.errors import ConfigError
from modmirror.lab.simulate.scenario import Fault, Scenario, Site

_FOLDER = files("modmirror.lab.simulate") / "scenarios"
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
    texts = sorted((entry.name, entry.read_text(encoding="utf-8")) for entry in _FOLDER.iterdir())
    names = [(name.removesuffix(".toml"), text) for name, text in texts if name.endswith(".toml")]
    return {name: parse_scenario(text, name) for name, text in names}


def text_of(name: str) -> str:
    """Return the file of a shipped scenario. Raises ConfigError."""
    find_scenario(name)
    return (_FOLDER / f"{name}.toml").read_text(encoding="utf-8")


def find_scenario(name: str) -> Scenario:
    """Return a shipped scenario by name, or the one in a ``.toml`` file. Raises ConfigError."""
    if name.endswith(".toml"):
        try:
            return parse_scenario(Path(name).read_text(encoding="utf-8"), Path(name).stem)
        except (OSError, UnicodeDecodeError) as error:
            raise ConfigError("SCENARIO", f"{name} cannot be read: {error}") from error
    known = shipped()
    if name not in known:
        raise ConfigError(
            "SCENARIO",
            f'there is no scenario "{name}"',
            hint=f"known: {', '.join(known)}; or a .toml file, or an access log",
        )
    return known[name]


def parse_scenario(text: str, name: str) -> Scenario:
    """Read a scenario. Raises ConfigError."""
    try:
        written = msgspec.convert(tomllib.loads(text), _Written)
    except (tomllib.TOMLDecodeError, msgspec.ValidationError) as error:
        raise ConfigError(
            name, str(error), hint="modmirror lab simulate --show main prints a scenario that is right"
        ) from error
    _check(written, name)
    sites = tuple(
        Site(**asdict(each) | {"faults": tuple(fault for its in each.faults for fault in its.expanded())})
        for each in written.sites
    )
    return Scenario(**asdict(written) | {"name": name, "sites": sites})


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
