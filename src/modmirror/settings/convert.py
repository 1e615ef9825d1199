"""From what someone wrote to the type a setting has, with words for people when it does not fit."""

from __future__ import annotations

import json
from types import NoneType, UnionType
from typing import Any, Literal, get_args, get_origin

import msgspec

from modmirror.settings.problem import redact

_NAMES = {bool: "true or false", int: "a whole number", float: "a number", str: "a text"}


def describe(hint: Any) -> str:
    """Name a type in plain words: ``a whole number``, ``one of "a", "b"``, ``a list of texts``."""
    if hint in _NAMES:
        return _NAMES[hint]
    origin, arguments = get_origin(hint), get_args(hint)
    if origin is Literal:
        return "one of " + ", ".join(json.dumps(choice) for choice in arguments)
    if origin is tuple:
        return "a list of texts"
    if origin is UnionType:
        return " or ".join(describe(argument) for argument in arguments)
    return str(hint)


def show(value: object) -> str:
    """Show a value as TOML would spell it, with credentials in URLs hidden."""
    if isinstance(value, tuple | list):
        return "[" + ", ".join(show(item) for item in value) + "]"
    if isinstance(value, dict):
        return "a table"
    if isinstance(value, str):
        return redact(json.dumps(value, ensure_ascii=False))
    if isinstance(value, bool | int | float | NoneType):
        return json.dumps(value)
    return str(value)


def convert(value: object, hint: Any, *, text: bool) -> Any:
    """Return ``value`` as the type ``hint``.

    ``text`` says that it comes from an environment variable: numbers are parsed, lists split at commas.
    Where a setting takes a text or a list, a variable is the text.

    Raises:
        ValueError: it does not fit; the message says what was expected and what was given.
    """
    if text and isinstance(value, str) and get_origin(hint) is tuple:
        value = [part.strip() for part in value.split(",") if part.strip()]
    try:
        return msgspec.convert(value, hint, strict=not text)
    except msgspec.ValidationError as error:
        raise ValueError(f"expected {describe(hint)}, got {show(value)}") from error
