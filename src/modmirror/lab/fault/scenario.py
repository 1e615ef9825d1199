"""Scenarios as data: what goes wrong between a mirror and its upstream, and when.

A scenario has three parts: ``before`` seconds of health, ``fault`` seconds with steps, and ``after``
seconds in which everything has been healed. Times of steps count from the beginning of the fault.
"""

from __future__ import annotations

from typing import Literal, TypeAlias

from msgspec import Struct, field
from msgspec.structs import replace

from modmirror.errors import ConfigError
from modmirror.lab.emulate.behaviour import parse_behaviour
from modmirror.lab.net.toxics import make_toxic
from modmirror.lab.scenarios import find_in, shipped_texts
from modmirror.lab.tables import read_tables

Action: TypeAlias = Literal["cut", "heal", "flap", "toxic", "behave", "certificate", "names"]
Mode: TypeAlias = Literal["refuse", "reset", "blackhole"]
Wire: TypeAlias = Literal["http", "https", "named"]
"""How the mirror reaches its upstream: plainly, over TLS, or by a name that has to be resolved."""


class Step(Struct, frozen=True, forbid_unknown_fields=True):
    """One thing that happens."""

    do: Action
    at: float = 0.0
    """Seconds after the beginning of the fault."""
    mode: Mode = "refuse"
    """Of a cut, and of the cut half of each period of a flap."""
    toxic: dict[str, object] = field(default_factory=dict)
    behave: dict[str, object] = field(default_factory=dict)
    """What the upstream does instead of answering well (``lab.emulate.behaviour``)."""
    certificate: Literal["good", "wrong-name", "expired"] = "good"
    period: float = 0.0
    """Seconds from one cut of a flap to the next."""
    duty: float = 0.5
    """Share of each period that is cut."""


class Scenario(Struct, frozen=True, forbid_unknown_fields=True):
    """One rehearsal."""

    title: str
    expect: str
    """What a good mirror does."""
    step: tuple[Step, ...]
    name: str = ""
    before: float = 10.0
    fault: float = 30.0
    after: float = 20.0
    wire: Wire = "http"
    shun: bool = True
    """Whether the sick upstream is better left alone meanwhile: its requests then count as overshoot."""

    @property
    def length(self) -> float:
        """Seconds of the whole."""
        return self.before + self.fault + self.after

    @property
    def retry_after(self) -> float | None:
        """The longest wait that the upstream asks for; None when it asks for none."""
        waits = [
            parse_behaviour(step.behave).retry_after
            for step in self.step
            if step.behave.get("busy") or step.behave.get("error_status") == 503  # noqa: PLR2004 - RFC 9110
        ]
        return max(waits, default=None)

    def scaled(self, factor: float) -> Scenario:
        """Return the same scenario in a world whose seconds are ``factor`` long."""
        return replace(
            self,
            before=self.before * factor,
            fault=self.fault * factor,
            after=self.after * factor,
            step=tuple(_scaled(step, factor) for step in self.step),
        )


_TOXIC_TIMES = frozenset({"latency", "jitter", "delay", "timeout", "pause"})
_MOST_SECONDS = 3600.0


def shipped() -> tuple[Scenario, ...]:
    """Return the scenarios that come with the lab, by name."""
    return tuple(parse_scenario(text, name) for name, text in shipped_texts("modmirror.lab.fault").items())


def find_scenario(name: str) -> Scenario:
    """Return a shipped scenario by name, or the one in a file. Raises ConfigError."""
    known = {scenario.name: scenario for scenario in shipped()}
    return find_in(name, known, parse_scenario, others="a .toml file")


def parse_scenario(text: str, name: str) -> Scenario:
    """Read a scenario; flaps become cuts and heals. Raises ConfigError."""
    hint = "modmirror lab fault show cut prints a scenario that is right"
    scenario = read_tables(text, Scenario, name, name, hint=hint)
    for key in ("before", "fault", "after"):
        if not 0 < getattr(scenario, key) <= _MOST_SECONDS:
            raise ConfigError(f"{name}.{key}", f"is not above 0 and at most {_MOST_SECONDS:g} seconds")
    if not scenario.step:
        raise ConfigError(f"{name}.step", "there is none: nothing would happen")
    steps = [each for step in scenario.step for each in _expanded(step, scenario, name)]
    return replace(scenario, name=name, step=tuple(sorted(steps, key=lambda step: step.at)))


def _expanded(step: Step, scenario: Scenario, name: str) -> list[Step]:
    if not 0 <= step.at < scenario.fault:
        raise ConfigError(f"{name}.step.at", f"{step.at:g} is not within the {scenario.fault:g} s of fault")
    _check(step, scenario, name)
    if step.do != "flap":
        return [step]
    times = int((scenario.fault - step.at) / step.period + 1e-9)
    steps = []
    for number in range(times):
        at = step.at + number * step.period
        steps.append(Step("cut", at, step.mode))
        steps.append(Step("heal", at + step.period * step.duty))
    return steps


def _check(step: Step, scenario: Scenario, name: str) -> None:
    """See that a step can be taken. Raises ConfigError."""
    match step.do:
        case "toxic":
            make_toxic(step.toxic)
        case "behave":
            parse_behaviour(step.behave)
        case "flap" if not 0 < step.period <= scenario.fault or not 0 < step.duty < 1:
            raise ConfigError(
                f"{name}.step", "a flap has a period within the fault and a duty within 0 to 1"
            )
        case "certificate" if scenario.wire != "https":
            raise ConfigError(f"{name}.wire", 'a step with a certificate needs wire = "https"')
        case "names" if scenario.wire != "named":
            raise ConfigError(f"{name}.wire", 'a step with names needs wire = "named"')
        case _:
            return


def _scaled(step: Step, factor: float) -> Step:
    behave, toxic = step.behave, dict(step.toxic)
    if behave:
        whole = parse_behaviour(behave).scaled(factor)
        behave = {key: getattr(whole, key) for key in behave}
        if "retry_after" in behave:
            # On the wire it is whole seconds, and 0 would say nothing.
            behave["retry_after"] = max(1.0, round(whole.retry_after * factor))
    attributes = toxic.get("attributes")
    if isinstance(attributes, dict):
        toxic["attributes"] = {
            key: value * factor if key in _TOXIC_TIMES else value / factor if key == "rate" else value
            for key, value in attributes.items()
        }
    return replace(step, at=step.at * factor, period=step.period * factor, behave=behave, toxic=toxic)
