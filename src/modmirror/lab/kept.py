"""Values that a measurement keeps as the text of events, so that its result can be made again. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

import msgspec

from modmirror.lab.results.events import Event

if TYPE_CHECKING:
    from collections.abc import Iterable

T = TypeVar("T")


def event_of(name: str, at: float, value: object) -> Event:
    """Return an event that keeps a value, ``at`` seconds after the beginning."""
    return Event(at, name, msgspec.json.encode(value).decode())


def values_of(events: Iterable[Event], name: str, kind: type[T]) -> list[T]:
    """Return what the events of one name keep, in their order."""
    return [msgspec.json.decode(event.text, type=kind) for event in events if event.name == name]


def last_of(events: Iterable[Event], name: str, kind: type[T]) -> T | None:
    """Return the last of them, if there is one."""
    values = values_of(events, name, kind)
    return values[-1] if values else None
