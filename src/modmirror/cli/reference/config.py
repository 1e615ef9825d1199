"""docs/reference/config.md, from the settings dataclasses."""

from __future__ import annotations

from typing import TYPE_CHECKING

from modmirror.config import SECTIONS, Config
from modmirror.settings.check import RANGES
from modmirror.settings.convert import describe, show
from modmirror.settings.draft import PREFIX
from modmirror.settings.schema import meanings, purpose

if TYPE_CHECKING:
    from collections.abc import Iterator

    from modmirror.settings.schema import Key, Section

_HEAD = """\
# Settings

配置项：默认值 < TOML 文件 < 环境变量 `MODMIRROR_SECTION__KEY` < 命令行参数，后者优先。

Made from the code by `make docs`; do not edit.

Later wins: the default, then one TOML file, then a variable, then a flag of `modmirror serve`.
The file is the one given with `--config`, else the one named by `MODMIRROR_CONFIG`,
else `./modmirror.toml`, else `/etc/modmirror/modmirror.toml`.
An unknown section, key or variable is an error that names the nearest known one.

- `modmirror config show --explain` prints what is in force and where it came from.
- `modmirror config check FILE` checks a file.
- `modmirror config example` prints a file to begin with.

Lists in variables are separated by commas.
A section written `[[name]]` may be repeated.
A file that has one replaces the default tables of that section, all of them.
Variables reach the tables of such a section by number, from 0: `MODMIRROR_ROUTE__0__FROM`.
`MODMIRROR_DEBUG=1` shows tracebacks of bugs.
"""


def page() -> str:
    """Return the page as Markdown."""
    return "\n".join([_HEAD, *(_section(section) for section in SECTIONS.values())])


def _section(section: Section) -> str:
    title = f"## `[[{section.name}]]`" if section.repeated else f"## `[{section.name}]`"
    explained = meanings(section.cls)
    lines = [title, "", _markdown(purpose(section.cls)), ""]
    for key in section.keys.values():
        lines += _key(section, key, explained[key.field])
    return "\n".join(lines)


def _key(section: Section, key: Key, meaning: str) -> Iterator[str]:
    number = "__0" if section.repeated else ""
    variable = f"{PREFIX}{section.name}{number}__{key.name}".upper()
    yield f"### `{section.name}.{key.name}`"
    yield ""
    yield _markdown(meaning)
    yield ""
    yield f"- Expects {describe(key.type)}{_range(section, key)}."
    yield f"- Default: {_default(section, key)}."
    yield f"- Variable: `{variable}`."
    yield ""


def _range(section: Section, key: Key) -> str:
    limits = RANGES.get(f"{section.name}.{key.name}")
    return f" from {limits[0]:.15g} to {limits[1]:.15g}" if limits else ""


def _default(section: Section, key: Key) -> str:
    if key.required:
        return "none, it must be given"
    text = f"`{show(key.default)}`"
    defaults = getattr(Config(), section.name)
    if section.repeated and defaults:
        unconfigured = show(getattr(defaults[0], key.field))
        if unconfigured != show(key.default):
            text += f"; without any `[[{section.name}]]`: `{unconfigured}`"
    return text


def _markdown(text: str) -> str:
    return text.replace("``", "`")
