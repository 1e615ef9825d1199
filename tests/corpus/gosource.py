"""What a Go file says at its top: its package, its imports, and whether builds leave it out."""

from __future__ import annotations

import re
from typing import NamedTuple

_TOKEN = re.compile(
    r"""
      (?P<line>//[^\n]*)
    | (?P<block>/\*.*?\*/)
    | (?P<string>"(?:[^"\\\n]|\\.)*"|`[^`]*`)
    | (?P<word>[^\W\d]\w*)
    | (?P<sign>[(){};.=])
    | (?P<newline>\n)
    """,
    re.VERBOSE | re.DOTALL,
)
_IGNORED = re.compile(r"^(?://go:build|// ?\+build)\b.*\bignore\b", re.MULTILINE)
_ENDS_HEADER = frozenset({"func", "var", "const", "type"})


class GoHeader(NamedTuple):
    """``package`` is empty when the file has no package clause."""

    package: str
    imports: tuple[str, ...]
    ignored: bool


def read_header(text: str) -> GoHeader:
    """Read the clauses before the first declaration. Never fails: what does not parse has no imports."""
    package = ""
    imports: list[str] = []
    after_package = False
    for match in _TOKEN.finditer(text):
        kind, token = match.lastgroup, match.group()
        if kind == "word":
            if token in _ENDS_HEADER:
                break
            if after_package and not package:
                package = token
            after_package = after_package or token == "package"
        elif kind == "string" and package:
            imports.append(token[1:-1])
    return GoHeader(package, tuple(imports), bool(_IGNORED.search(text[:4096])))
