"""Sections and keys of a configuration, read off the dataclasses that hold them.

The dataclasses are the only description: names, types, defaults and meanings come from there, so that the
loader, ``modmirror config example`` and the reference page cannot disagree.
"""

from __future__ import annotations

import ast
import dataclasses
import inspect
import textwrap
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Any, get_args, get_origin, get_type_hints

if TYPE_CHECKING:
    from collections.abc import Mapping

    from _typeshed import DataclassInstance


@dataclass(frozen=True, slots=True)
class Key:
    """One setting."""

    section: str
    name: str
    """As written in TOML."""
    field: str
    """As in the dataclass; differs from ``name`` where that is a Python keyword."""
    type: Any
    default: object
    """``dataclasses.MISSING`` when it must be given."""

    @property
    def required(self) -> bool:
        """True when there is no default."""
        return self.default is dataclasses.MISSING


@dataclass(frozen=True, slots=True)
class Section:
    """One TOML table, or with ``repeated`` an array of tables."""

    name: str
    cls: type[DataclassInstance]
    repeated: bool
    keys: Mapping[str, Key]

    def label(self, index: int) -> str:
        """Name one of its tables: ``server``, or ``route[0]``."""
        return f"{self.name}[{index}]" if self.repeated else self.name


def sections_of(config: type[DataclassInstance]) -> dict[str, Section]:
    """Read the sections off a dataclass whose fields are settings, or tuples of settings."""
    hints = get_type_hints(config)
    return {field.name: _section(field.name, hints[field.name]) for field in dataclasses.fields(config)}


def _section(name: str, hint: Any) -> Section:
    repeated = get_origin(hint) is tuple
    cls = get_args(hint)[0] if repeated else hint
    types = get_type_hints(cls)
    keys = [
        Key(name, field.name.rstrip("_"), field.name, types[field.name], field.default)
        for field in dataclasses.fields(cls)
    ]
    return Section(name, cls, repeated, {key.name: key for key in keys})


def meanings(cls: type[DataclassInstance]) -> dict[str, str]:
    """Return the text under each field of a settings class, by field name.

    Python drops these texts when it compiles, so the source is parsed. Not for the start-up path.
    """
    tree = ast.parse(textwrap.dedent(inspect.getsource(cls)))
    body = tree.body[0].body if isinstance(tree.body[0], ast.ClassDef) else []
    found: dict[str, str] = {}
    for statement, after in pairwise(body):
        if not isinstance(statement, ast.AnnAssign) or not isinstance(statement.target, ast.Name):
            continue
        if isinstance(after, ast.Expr) and isinstance(after.value, ast.Constant):
            found[statement.target.id] = " ".join(str(after.value.value).split())
    return found


def purpose(cls: type[DataclassInstance]) -> str:
    """Return the docstring of a settings class as one paragraph."""
    return " ".join((inspect.getdoc(cls) or "").split())
