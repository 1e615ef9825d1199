"""Settings as TOML: the ones in force, and an example with everything explained."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING, Literal, get_args, get_origin

from modmirror.settings.convert import show
from modmirror.settings.schema import meanings, purpose

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from _typeshed import DataclassInstance

    from modmirror.settings.schema import Key, Section

_WIDTH = 96


def effective(
    config: DataclassInstance, sections: Mapping[str, Section]
) -> Iterator[tuple[Section, str, dict[str, object]]]:
    """Yield each table in force: its section, its label (``route[0]``), and its values by TOML name."""
    for name, section in sections.items():
        value = getattr(config, name)
        for index, settings in enumerate(value if section.repeated else (value,)):
            values = {key.name: getattr(settings, key.field) for key in section.keys.values()}
            yield section, section.label(index), values


def render_effective(
    config: DataclassInstance, sections: Mapping[str, Section], sources: Mapping[str, str] | None
) -> str:
    """Write the settings in force as TOML, each with its source when sources are given."""
    blocks: list[str] = []
    for section, label, values in effective(config, sections):
        lines = [_header(section)]
        rows = [f"{name} = {show(value)}" for name, value in values.items()]
        wide = min(max(len(row) for row in rows), 48)
        for name, row in zip(values, rows, strict=True):
            lines.append(f"{row:<{wide}}  # {sources[f'{label}.{name}']}" if sources is not None else row)
        blocks.append("\n".join(lines))
    return "\n\n".join(blocks) + "\n"


def render_example(sections: Mapping[str, Section], defaults: DataclassInstance) -> str:
    """Write every key with its meaning and default, commented out: used as it is, it changes nothing."""
    return "\n".join(_example(section, getattr(defaults, name)) for name, section in sections.items())


def _example(section: Section, value: object) -> str:
    explained = meanings(section.cls)
    first = value[0] if isinstance(value, tuple) and value else value
    header = _header(section)
    lines = [*_comment(purpose(section.cls)), f"#{header}" if section.repeated else header]
    for key in section.keys.values():
        lines += ["", *_comment(explained[key.field])]
        lines.append(f"#{key.name} = {show(_example_value(key, first))}")
    return "\n".join(lines) + "\n"


def _example_value(key: Key, settings: object) -> object:
    if settings and not isinstance(settings, tuple):
        return getattr(settings, key.field)
    if key.required and get_origin(key.type) is Literal:
        return get_args(key.type)[0]
    if key.required:
        return "" if key.type is str else ()
    return key.default


def _header(section: Section) -> str:
    return f"[[{section.name}]]" if section.repeated else f"[{section.name}]"


def _comment(text: str) -> list[str]:
    return [f"# {line}" for line in textwrap.wrap(text.replace("``", '"'), _WIDTH)]
