"""One measurement of a study, and what is known of the steps that are behind a run."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from msgspec import Struct

    from modmirror.lab.bundle import Measurement
    from modmirror.lab.results.events import Event
    from modmirror.lab.target import Target

BEGUN = "step begun"
"""Event: the text is the step's name. What follows it, until the next one begins, belongs to the step."""
DONE = "step done"
"""Event: a step has its result; the text is its name. A result alone may be one of half the work."""
FAILED = "step failed"
"""Event: a step could not be made; the text is its name and the reason."""


@dataclass(frozen=True, slots=True)
class Step:
    """One measurement."""

    name: str
    """Of its result."""
    measure: Measurement[Struct]
    title: str
    """What is done, in plain words."""
    again: frozenset[str] = frozenset()
    """Measurement names of the samples that are set aside when it is made again. Empty: it goes on."""
    targets: tuple[Target, ...] | None = None
    """None: those of the study."""


def finished(events: Iterable[Event]) -> set[str]:
    """Return the names of the steps that need not be made again."""
    return {event.text for event in events if event.name == DONE}


def belonging(events: Iterable[Event], name: str) -> list[Event]:
    """Return the events of a step, in all the sessions that tried it."""
    found: list[Event] = []
    current = ""
    for event in events:
        if event.name == BEGUN:
            current = event.text
        if current == name:
            found.append(event)
    return found
