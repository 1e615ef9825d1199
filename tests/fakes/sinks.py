"""Sinks of telemetry that keep what they are told."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from modmirror.telemetry.access_log import Entry


@dataclass
class ListedAccessLog:
    """An access log in memory."""

    entries: list[Entry] = field(default_factory=list)

    def write(self, entry: Entry) -> None:
        self.entries.append(entry)

    def close(self) -> None:
        pass


@dataclass
class ListedEvents:
    """An event log in memory: level, event, fields."""

    seen: list[tuple[str, str, dict[str, object]]] = field(default_factory=list)

    def debug(self, event: str, **fields: object) -> None:
        self.seen.append(("debug", event, fields))

    def info(self, event: str, **fields: object) -> None:
        self.seen.append(("info", event, fields))

    def warning(self, event: str, **fields: object) -> None:
        self.seen.append(("warning", event, fields))

    def error(self, event: str, *, error: BaseException | None = None, **fields: object) -> None:
        self.seen.append(("error", event, {**fields, "error": error}))

    def named(self, event: str) -> list[dict[str, object]]:
        return [fields for _, name, fields in self.seen if name == event]
