"""TOML that people write for the lab, read into a shape; what is wrong is said by the name of its key."""

from __future__ import annotations

import re
import tomllib
from typing import TYPE_CHECKING, TypeVar

import msgspec
from msgspec.inspect import DictType, ListType, StructType, UnionType, VarTupleType, type_info

from modmirror.errors import ConfigError, nearest

if TYPE_CHECKING:
    from collections.abc import Iterator

    from msgspec.inspect import Type

T = TypeVar("T")

_SAID = re.compile(r"(?P<what>.*) - at `\$\.?(?P<key>.*)`")
_LACKS = re.compile(r"Object missing required field `(.*)`")


def read_tables(text: str, kind: type[T], key: str, source: str, *, hint: str = "") -> T:
    """Read a text as a shape of msgspec.

    Args:
        text: TOML.
        kind: the shape of the whole.
        key: what the user named the text by, for an error that is of no key within it.
        source: the file, or what else the user knows the text as.
        hint: where to see what may be written.

    Raises:
        ConfigError: it is not TOML, has a key too many or lacks one, or a value does not fit.
    """
    try:
        raw = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(key, f"{source}: {error}", hint=hint or "it has to be TOML") from error
    for place, name, known in _unknown(raw, type_info(kind), ""):
        reason = f"there is no such key ({source})"
        raise ConfigError(place.removeprefix("."), reason, hint=nearest(name, known))
    try:
        return msgspec.convert(raw, kind)
    except msgspec.ValidationError as error:
        place, reason = _in_words(str(error))
        raise ConfigError(place or key, f"{reason} ({source})", hint=hint) from error


def _unknown(value: object, kind: Type, place: str) -> Iterator[tuple[str, str, list[str]]]:
    """Yield each key that is not known: its place and name, and the names that are known there."""
    if isinstance(kind, StructType) and isinstance(value, dict) and kind.forbid_unknown_fields:
        known = [field.encode_name for field in kind.fields]
        yield from ((f"{place}.{name}", name, known) for name in value if name not in known)
    for step, inner, its in _inside(value, kind):
        yield from _unknown(inner, its, f"{place}{step}")


def _inside(value: object, kind: Type) -> list[tuple[str, object, Type]]:
    """Return what a value holds, each with the step that leads to it and the shape that it should have."""
    match kind, value:
        case StructType(), dict():
            known = {field.encode_name: field.type for field in kind.fields}
            return [(f".{name}", inner, known[name]) for name, inner in value.items() if name in known]
        case DictType(), dict():
            return [(f".{name}", inner, kind.value_type) for name, inner in value.items()]
        case ((VarTupleType() | ListType()), list()):
            return [(f"[{number}]", inner, kind.item_type) for number, inner in enumerate(value)]
        case UnionType(), _:
            return [("", value, each) for each in kind.types]
        case _:
            return []


def _in_words(said: str) -> tuple[str, str]:
    """Return the key that a complaint of msgspec is of, and the complaint in words of TOML."""
    found = _SAID.fullmatch(said)
    what, place = (found["what"], found["key"]) if found else (said, "")
    lacking = _LACKS.fullmatch(what)
    if lacking:
        return place, f"the key {lacking[1]} is missing"
    plain = what.replace("`", "").replace("object", "table").replace(" | null", "")
    return place, plain[:1].lower() + plain[1:]
