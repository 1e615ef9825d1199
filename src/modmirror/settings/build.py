"""From a draft to settings objects, with the source of every key."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from modmirror.settings.convert import convert

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

    from modmirror.settings.draft import Draft, Table
    from modmirror.settings.schema import Section

DEFAULT = "default"
"""The source of a value that nobody gave."""


def build(draft: Draft, defaults: DataclassInstance) -> tuple[dict[str, Any], dict[str, str]]:
    """Return the value of each section, and the source of each key by its dotted name.

    What does not fit is noted in the draft; the values are then incomplete and must not be used.
    """
    values: dict[str, Any] = {}
    sources: dict[str, str] = {}
    for name, section in draft.sections.items():
        if not section.repeated:
            only = (draft.tables.get(name) or [{}])[0]
            values[name] = _one(draft, section, 0, only)
            sources |= _sources(section, 0, only)
        elif name in draft.tables:
            tables = list(enumerate(draft.tables[name]))
            values[name] = tuple(_one(draft, section, index, table) for index, table in tables)
            for index, table in tables:
                sources |= _sources(section, index, table)
        else:
            values[name] = getattr(defaults, name)
            for index in range(len(values[name])):
                sources |= _sources(section, index, {})
    return values, sources


def _sources(section: Section, index: int, table: Table) -> dict[str, str]:
    return {
        f"{section.label(index)}.{key}": table[key].source if key in table else DEFAULT
        for key in section.keys
    }


def _one(draft: Draft, section: Section, index: int, table: Table) -> DataclassInstance | None:
    arguments: dict[str, Any] = {}
    missing = False
    for name, key in section.keys.items():
        label = f"{section.label(index)}.{name}"
        if given := table.get(name):
            try:
                arguments[key.field] = convert(given.value, key.type, text=given.text)
            except ValueError as error:
                missing |= key.required
                draft.refuse(label, str(error), source=given.source)
        elif key.required:
            missing = True
            draft.refuse(label, "must be given")
    return None if missing else section.cls(**arguments)
