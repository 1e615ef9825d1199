"""What was given, by a file, by the environment, by flags: merged, each value with its source.

Later layers win key by key. An array of tables (``[[route]]``) that a file gives replaces the default one
whole; variables then reach into it by number.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from modmirror.errors import nearest
from modmirror.settings.convert import show
from modmirror.settings.problem import Problem

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from modmirror.settings.schema import Section
    from modmirror.settings.toml import Document

PREFIX = "MODMIRROR_"
OWN_NAMES = frozenset({"MODMIRROR_CONFIG", "MODMIRROR_DEBUG"})
"""Variables that are no settings: the file to read, and tracebacks for developers."""

# Kubernetes gives every container such variables for a service that is called modmirror.
_SERVICE_LINK = re.compile(
    r"MODMIRROR_(\w+_)?(SERVICE_(HOST|PORT(_\w+)?)=.*|PORT_\d+_(TCP|UDP|SCTP)(_\w+)?=.*|PORT=\w+://.*)"
)


@dataclass(frozen=True, slots=True)
class Given:
    """One value as someone wrote it."""

    value: object
    source: str
    text: bool = False
    """From a variable: still to be parsed."""


Table = dict[str, Given]


@dataclass(slots=True)
class Draft:
    """Tables by section. A section that is no array has at most one."""

    sections: Mapping[str, Section]
    tables: dict[str, list[Table]] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)

    def put(self, section: str, index: int, key: str, given: Given) -> None:
        """Set one key that is known to exist; the table is made when it is the next one."""
        tables = self.tables.setdefault(section, [])
        if index == len(tables):
            tables.append({})
        tables[index][key] = given

    def refuse(self, key: str, reason: str, hint: str = "", source: str = "") -> None:
        """Note a problem and go on."""
        self.problems.append(Problem(key, reason, hint, source))


def add_document(draft: Draft, document: Document, label: str) -> None:
    """Add a TOML file. ``label`` is how the file is called in sources."""
    for name, content in document.content.items():
        section = draft.sections.get(name)
        place = f"{label}:{document.line(name, '')}"
        if section is None:
            draft.refuse(name, "there is no such section", nearest(name, draft.sections), place)
            continue
        tables = content if section.repeated else [content]
        if not isinstance(tables, list) or not all(isinstance(table, dict) for table in tables):
            want = f"an array of tables ([[{name}]])" if section.repeated else f"a table ([{name}])"
            draft.refuse(name, f"expected {want}, got {show(content)}", source=place)
            continue
        draft.tables[name] = [{} for _ in tables]
        for index, table in enumerate(tables):
            _add_table(draft, document, label, (section, index, table))


def _add_table(
    draft: Draft, document: Document, label: str, found: tuple[Section, int, dict[str, object]]
) -> None:
    section, index, table = found
    name = section.label(index)
    for key, value in table.items():
        source = f"{label}:{document.line(name, key)}"
        if key in section.keys:
            draft.put(section.name, index, key, Given(value, source))
        else:
            draft.refuse(f"{name}.{key}", "there is no such key", nearest(key, section.keys), source)


def add_environment(draft: Draft, environ: Mapping[str, str]) -> None:
    """Add ``MODMIRROR_SECTION__KEY`` and ``MODMIRROR_SECTION__0__KEY`` for arrays of tables."""
    for name in sorted(environ, key=_order):
        if not name.startswith(PREFIX) or name in OWN_NAMES:
            continue
        if _SERVICE_LINK.fullmatch(f"{name}={environ[name]}"):
            continue
        if name not in _named_by_credentials(draft):
            _add_variable(draft, name, environ[name])


def _order(name: str) -> tuple[bool, list[str]]:
    """Sort key: settings before names that credentials may have claimed, ``__10__`` after ``__9__``."""
    return "__" not in name, [part.zfill(8) if part.isdigit() else part for part in name.split("__")]


def _named_by_credentials(draft: Draft) -> set[object]:
    """Return the variables that hold secrets; their names are free."""
    tables = draft.tables.get("credential", [])
    return {given.value for table in tables for key, given in table.items() if key.endswith("_env")}


def _add_variable(draft: Draft, name: str, value: str) -> None:
    parts = name.removeprefix(PREFIX).lower().split("__")
    section = draft.sections.get(parts[0])
    wanted = 3 if section is not None and section.repeated else 2
    if section is None or len(parts) != wanted or parts[-1] not in section.keys:
        draft.refuse(name, "there is no such variable", nearest(name, variables(draft.sections.values())))
        return
    index = 0
    if section.repeated:
        count = len(draft.tables.get(section.name, []))
        if parts[1] not in map(str, range(count + 1)):
            draft.refuse(
                name, f"the next number of {section.name} is {count}", "count from 0, without gaps"
            )
            return
        index = int(parts[1])
    draft.put(section.name, index, parts[-1], Given(value, name, text=True))


def variables(sections: Iterable[Section]) -> list[str]:
    """Return the name of every variable, with 0 as the number of a repeated table."""
    return [
        f"{PREFIX}{section.name}{'__0' if section.repeated else ''}__{key}".upper()
        for section in sections
        for key in section.keys
    ]
