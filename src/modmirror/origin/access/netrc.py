"""Passwords by host, as in a netrc file (protocol.md A.15). Pure.

An entry is for exactly one ``host`` or ``host:port``. ``default`` entries are not used: they would send
a password to whatever host a web page names.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

_TOKEN = re.compile(r'"((?:[^"\\]|\\.)*)"|(\S+)')
_ESCAPED = re.compile(r"\\(.)")


@dataclass(frozen=True, slots=True)
class NetrcEntry:
    """One machine with a login and a password."""

    machine: str
    """As written: ``host`` or ``host:port``."""
    login: str
    password: str = field(repr=False)


def parse_netrc(text: str) -> tuple[NetrcEntry, ...]:
    """Return the complete entries for machines, in order; of several for one machine the first counts.

    Raises:
        ValueError: a word stands where none can be. The text names the line and repeats nothing of it.
    """
    found: list[NetrcEntry] = []
    current: dict[str, str] | None = None
    wanted = ""
    in_macro = False
    for number, line in enumerate(text.splitlines(), 1):
        if in_macro:
            # A macro ends with an empty line.
            in_macro = bool(line.strip())
            continue
        for word in _words(line):
            if wanted:
                if current is not None:
                    current[wanted] = word
                wanted = ""
            elif word == "macdef":
                in_macro = True
                break
            elif word in {"machine", "default"}:
                _finish(found, current)
                current = {}
                wanted = "machine" if word == "machine" else ""
            elif word in {"login", "user", "password", "account"} and current is not None:
                wanted = "login" if word == "user" else word
            elif word.startswith("#"):
                break
            else:
                raise ValueError(f"line {number} holds a word that is not understood")
    _finish(found, current)
    return tuple(found)


def _finish(found: list[NetrcEntry], current: dict[str, str] | None) -> None:
    if current and {"machine", "login", "password"} <= current.keys():
        entry = NetrcEntry(current["machine"], current["login"], current["password"])
        if entry.machine not in {earlier.machine for earlier in found}:
            found.append(entry)


def _words(line: str) -> list[str]:
    return [
        _ESCAPED.sub(r"\1", match[1]) if match[1] is not None else match[2]
        for match in _TOKEN.finditer(line)
    ]
